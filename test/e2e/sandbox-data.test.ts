// @module-tag long
import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const CHANNEL = 'UCtggNqnHV2t1SqIx2UqiMdg'
const RUN = ['run', '--network', 'youtube', '--scope', 'profile', '--quiet', CHANNEL]
/** A key that nobody sends anywhere: what is refused is refused before any call. */
const REAL = { SOCSYNC_YOUTUBE_API_KEY: 'a-real-key' }

const folder = tempFolder()
const made = folder.file('made.db')
const real = folder.file('real.db')
let standIn: TestSandbox

const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync(args, { cwd: folder.path, env })
const originOf = (db: string): unknown => query(db, 'select origin from data_origin')[0]?.origin ?? null
const change = (db: string, sql: string): void => {
  const file = openWrite(db)
  file.exec(sql)
  file.close()
}
const refused = (what: RegExp) => ({
  code: 2,
  stdout: '',
  stderr: expect.stringMatching(what),
})
const NO_SANDBOX =
  /^socsync: .*real.* holds what the real networks told: a sandbox is not let into it\n {2}leave out --db/
const NO_REAL =
  /^socsync: .*made.* was filled by a sandbox: what the real networks tell is not put beside it\n/

beforeAll(async () => {
  standIn = await startSandbox({ networks })
  for (const db of [made, real])
    expect(await call([...RUN, '--sandbox', '--db', db])).toMatchObject({ code: 0, stderr: '' })
  // The networks themselves cannot be asked: what they would have filled is the same with their mark.
  change(real, `update data_origin set origin = 'networks'`)
})
afterAll(async () => {
  await standIn[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('a database of the sandbox and one of the real networks', () => {
  it('say which they are', () => {
    expect([originOf(made), originOf(real)]).toEqual(['sandbox', 'networks'])
  })

  it.each([
    ['run', RUN],
    ['plan', ['plan', ...RUN.slice(1)]],
    ['resume', ['resume', '--all']],
    ['auth status', ['auth', 'status', '--network', 'youtube']],
    ['transform run', ['transform', 'run']],
  ])('%s with --sandbox is refused by real data, before anything is changed', async (_, args) => {
    const before = query(real, 'select count(*) as n from sync_runs')
    expect(await call([...args, '--sandbox', '--db', real])).toMatchObject(refused(NO_SANDBOX))
    expect(query(real, 'select count(*) as n from sync_runs')).toEqual(before)
  })

  it.each([
    ['run', RUN],
    ['plan', ['plan', ...RUN.slice(1)]],
    ['resume', ['resume', '--all']],
  ])('%s without it is refused by data of a sandbox, before any call', async (_, args) => {
    expect(await call([...args, '--db', made], REAL)).toMatchObject(refused(NO_REAL))
  })

  it('a stand-in in the place of all networks is a sandbox', async () => {
    expect(await call([...RUN, '--db', made], standIn.env)).toMatchObject({ code: 0 })
    expect(await call([...RUN, '--db', real], standIn.env)).toMatchObject(refused(NO_SANDBOX))
    const fresh = folder.file('stand-in.db')
    expect(await call([...RUN, '--db', fresh], standIn.env)).toMatchObject({ code: 0 })
    expect(originOf(fresh)).toBe('sandbox')
  })

  it('one that is filled and does not say goes on for real data, and lets no sandbox in', async () => {
    const old = folder.file('real-old.db')
    expect(await call([...RUN, '--sandbox', '--db', old])).toMatchObject({ code: 0 })
    change(old, 'delete from data_origin')
    expect(await call([...RUN, '--sandbox', '--db', old])).toMatchObject(refused(NO_SANDBOX))
    expect(await call([...RUN, '--refresh-after', '0s', '--db', old], standIn.env)).toMatchObject({ code: 0 })
    expect(originOf(old)).toBe(null)
    // No call is made of it: nothing is left to go on with.
    expect(await call(['resume', '--all', '--db', old], REAL)).toMatchObject({ code: 0 })
    expect(originOf(old)).toBe('networks')
  })

  it('a copy is of the same', async () => {
    const copy = folder.file('made-copy.db')
    if (isOnServer) return
    expect(await call(['db', 'copy', '--from', made, '--to', copy])).toMatchObject({ code: 0 })
    expect(await call([...RUN, '--db', copy], REAL)).toMatchObject(refused(NO_REAL))
  })
})

describe.skipIf(isOnServer)('without --db', () => {
  it('--sandbox has a file of its own, for what is read too, and what is named next can be pasted', async () => {
    using own = tempFolder()
    const at = { cwd: own.path }
    const ran = await socsync(['run', '--sandbox', '--network', 'youtube', '--scope', 'profile', CHANNEL], at)
    expect(ran.code, ran.stderr).toBe(0)
    expect(readdirSync(own.path).filter(name => name.endsWith('.db'))).toEqual(['sandbox.db'])
    const [, next = ''] = /^next +socsync (.*)$/m.exec(ran.stdout) ?? []
    expect(next).toBe('export all --out ./export --sandbox')
    expect(await socsync(next.split(' '), at)).toMatchObject({ code: 0 })
    expect(existsSync(own.file('export', 'manifest.json'))).toBe(true)
    expect(await socsync(['status', '--sandbox'], at)).toMatchObject({ code: 0 })
    expect(await socsync(['status'], at)).toMatchObject({ code: 2 })
  })
})
