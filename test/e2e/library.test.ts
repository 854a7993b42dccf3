// @module-tag long
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Outcome, openSocsync, type PostRow, type Socsync } from '../../src/library/index.ts'
import { socsync as command, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let socsync: Socsync
let db = ''

beforeEach(async () => {
  sandbox = await startSandbox()
  folder = tempFolder()
  db = folder.file('library.db')
  socsync = await openSocsync({ db, env: { ...sandbox.env, HOME: folder.path } })
})
afterEach(async () => {
  await socsync.close()
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const POSTS = { ids: ['instagram:two.pages.of.50'], scope: ['posts'] } as const

describe('rows', () => {
  it('are those of export, and a loop may be left', async () => {
    await socsync.run(POSTS)
    const rows: PostRow[] = []
    for await (const row of socsync.rows('posts')) rows.push(row)
    const { stdout } = await command(['export', 'posts', '--format', 'json', '--db', db], {
      env: sandbox.env,
    })
    const exported = JSON.parse(stdout) as Record<string, unknown>[]
    expect(rows.length).toBeGreaterThan(50)
    const JSONS = new Set(['extra', 'hashtags', 'mentions'])
    const plain = (row: object) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !JSONS.has(name)))
    expect(rows.map(plain)).toEqual(exported.map(plain))
    for await (const { id } of socsync.rows('posts')) {
      expect(id).toBe(rows[0]?.id)
      break
    }
    // Nobody reads any more: the file's log can be emptied.
    const file = openWrite(db)
    expect(file.prepare('pragma wal_checkpoint(truncate)').get()).toMatchObject({ busy: 0 })
    file.close()
  })

  it('are of the moment of the first one, whatever is written meanwhile', async () => {
    await socsync.run(POSTS)
    const count = Number(query(db, 'select count(*) as n from posts')[0]?.n)
    let seen = 0
    for await (const { caption } of socsync.rows('posts')) {
      if (seen++ === 0) {
        const file = openWrite(db)
        file.exec(`update posts set caption = 'written meanwhile'`)
        file.close()
      }
      expect(caption).not.toBe('written meanwhile')
    }
    expect(seen).toBe(count)
  })

  it('of nobody, and of no kind, are refused', async () => {
    await socsync.run({ ...POSTS, scope: ['profile'] })
    await expect(socsync.rows('posts', { entity: 'nobody.here' }).next()).rejects.toThrow(
      /no profile "nobody.here"/,
    )
    await expect(socsync.rows('people' as 'posts').next()).rejects.toMatchObject({
      name: 'BadInput',
      exitCode: 2,
    })
  })
})

describe('a run', () => {
  it('that is stopped goes on with resume, and no page is fetched twice', async () => {
    const stop = new AbortController()
    const onEvent: NonNullable<Parameters<Socsync['run']>[0]['onEvent']> = event => {
      if (event.event === 'page.committed') stop.abort()
    }
    const first = await socsync.run({ ...POSTS, concurrency: 1, signal: stop.signal, onEvent })
    expect(first).toMatchObject({ interrupted: true } satisfies Partial<Outcome>)
    const rest = await socsync.resume('all')
    expect(rest).toMatchObject({ exitCode: 0 })
    expect(await socsync.resume('all')).toBeNull()
    const calls = sandbox.log.calls.length
    await using undisturbed = await openSocsync({ db: folder.file('undisturbed.db'), env: sandbox.env })
    await undisturbed.run({ ...POSTS, concurrency: 1 })
    expect(sandbox.log.calls.length - calls).toBe(calls)
    expect(await socsync.status({ run: first.runId })).toMatchObject({ alive: false })
  })

  it('whose price was asked for first made and fetched nothing', async () => {
    const price = await socsync.plan(POSTS)
    expect(price.units.high).toBeGreaterThan(0)
    expect(sandbox.log.calls).toEqual([])
    await expect(socsync.status()).rejects.toThrow(/library\.db/)
  })

  it('over its budget is refused before anything is spent', async () => {
    await expect(socsync.run({ ...POSTS, budget: 0 })).rejects.toMatchObject({
      name: 'OverBudget',
      exitCode: 6,
    })
    expect(sandbox.log.calls).toEqual([])
  })

  it('with an option that is none is refused', async () => {
    const wrong = { ...POSTS, limit: 3 }
    await expect(socsync.run(wrong)).rejects.toThrow('run has no option "limit"')
    await expect(socsync.run({ ...POSTS, limitPosts: 0 })).rejects.toMatchObject({ exitCode: 2 })
    await expect(socsync.run({ ...POSTS, since: '2026-02-01', until: '2026-01-01' })).rejects.toMatchObject({
      exitCode: 2,
    })
  })
})
