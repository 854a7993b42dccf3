// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile, pruneFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { copyDatabase, placeOf } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query, resultRows } from '../support/tables.ts'

const DAY = 86_400_000
const NIGHTS = 5
const { channels } = YOUTUBE_SPECIALS
/** Walks of one profile and of many, a handle, one that is not there. */
const LIST = [
  'instagram:two.pages.of.50',
  `instagram:${userId(1)}`,
  `youtube:${channels.members}`,
  `youtube:${channels.forms}`,
  'youtube:@ตลาดเช้า',
  'tiktok:shelf.keeper',
  'tiktok:gone.author',
]

const folder = tempFolder()
let sandbox: TestSandbox
const call = (db: string, ...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env })
const run = async (db: string, ...flags: readonly string[]): Promise<void> => {
  const ended = await call(db, 'run', '--quiet', ...flags, ...LIST)
  expect([0, 3], ended.stderr).toContain(ended.code)
}
const nights = async (db: string, count: number, ...flags: readonly string[]): Promise<void> => {
  for (let night = 0; night < count; night++) {
    sandbox.advance(DAY)
    await run(db, ...flags)
  }
}
const copyOf = (db: string, name: string): string => {
  const path = folder.file(name)
  copyDatabase(db, path)
  return path
}
/** Deletes what is older than this night's run. */
const prune = (db: string) =>
  pruneFile({ db: placeOf(db), olderThanMs: DAY / 2, now: sandbox.clock.now(), really: true })
const count = (db: string, table: string, where = 'true'): number =>
  Number(query(db, `select count(*) as n from ${table} where ${where}`)[0]?.n)
const told = async (db: string, ...command: readonly string[]): Promise<string> => {
  const ended = await call(db, ...command)
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return ended.stdout
}
const expectWhole = async (db: string): Promise<void> =>
  expect(await checkFile(placeOf(db))).toMatchObject({ violations: [] })

beforeAll(async () => {
  sandbox = await startSandbox({ networks, moving: true })
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('db prune and the runs of earlier nights', () => {
  it('takes them with all that hangs on them; what is shown of now, and the next night, are as they were', async () => {
    const db = folder.file('profiles.db')
    await nights(db, NIGHTS, '--scope', 'profile')
    const shown = async (of: string) => [
      JSON.parse(await told(of, 'jobs', '--json')).jobs.slice(0, LIST.length),
      await told(of, 'status', '--json'),
      await told(of, 'diff', '--json'),
      await told(of, 'export', 'profiles'),
    ]
    const kept = copyOf(db, 'kept.db')
    const before = await shown(db)
    const { erased } = await prune(db)
    expect(erased).toMatchObject({ sync_jobs: (NIGHTS - 1) * LIST.length, sync_runs: NIGHTS - 1 })
    for (const table of ['sync_jobs', 'sync_walks', 'run_costs']) {
      expect([table, count(db, table)]).toEqual([table, count(kept, table, `run_id = ${NIGHTS}`)])
    }
    expect(count(db, 'sync_tasks')).toBeLessThan(count(kept, 'sync_tasks') / 2)
    await expectWhole(db)
    expect(await shown(db)).toEqual(before)
    expect((await prune(db)).erased).toMatchObject({ sync_jobs: 0, sync_runs: 0 })

    sandbox.advance(DAY)
    await run(db, '--scope', 'profile')
    await run(kept, '--scope', 'profile')
    expect(resultRows(db)).toEqual(resultRows(kept))
    await expectWhole(db)
  })

  it('leaves a chain that is unfinished, which is gone on with as if nothing had been', async () => {
    const db = folder.file('unfinished.db')
    sandbox.advance(DAY)
    await run(db, '--scope', 'posts', '--since', '2026-08-01', '--budget', '108')
    expect((await call(db, 'resume', '--all', '--quiet', '--budget', '6')).code).toBe(3)
    const chains = query(db, 'select id from sync_jobs where previous_job_id is not null')
    expect(chains.length).toBeGreaterThan(0)
    await nights(db, 2, '--scope', 'profile')
    const kept = copyOf(db, 'unfinished-kept.db')
    const { erased } = await prune(db)
    expect(erased.sync_jobs).toBeGreaterThan(0)
    await expectWhole(db)
    for (const of of [db, kept]) {
      expect(await call(of, 'resume', '--all', '--quiet')).toMatchObject({ code: 0, stderr: '' })
    }
    const carried = 'select network, entity_id, status from sync_jobs where run_id = 5 order by id'
    expect(query(db, carried)).toEqual(query(kept, carried))
    await expectWhole(db)
  })

  it('leaves the job that keeps an older one from being gone on with', async () => {
    const db = folder.file('fresh.db')
    sandbox.advance(DAY)
    const posts = ['--scope', 'posts', '--since', '2026-09-01']
    await run(db, ...posts, '--budget', '112')
    expect(count(db, 'sync_jobs', `status = 'partial'`)).toBeGreaterThan(0)
    sandbox.advance(DAY)
    await run(db, ...posts, '--fresh')
    await nights(db, 2, '--scope', 'profile')
    await prune(db)
    await expectWhole(db)
    await run(db, ...posts)
    expect(count(db, 'sync_jobs', 'run_id = 5 and previous_job_id is not null')).toBe(0)
  })

  it('leaves what was stored by then to a rebuild, whose answers went with them', async () => {
    const db = folder.file('rebuilt.db')
    await nights(db, 4, '--scope', 'posts')
    const history = count(db, 'metrics')
    const { erased } = await prune(db)
    expect(erased.sync_walks).toBeGreaterThan(0)
    const metrics = count(db, 'metrics')
    expect(metrics).toBeGreaterThan(0)
    expect(metrics).toBeLessThanOrEqual(history)
    const { tables } = JSON.parse(await told(db, 'db', 'rebuild', '--dry-run', '--json'))
    const changed = Object.entries<Record<string, number>>(tables).filter(
      ([, { added = 0, changed: moved = 0, gone = 0 }]) => added + moved + gone > 0,
    )
    expect(changed).toEqual([])
  })
})
