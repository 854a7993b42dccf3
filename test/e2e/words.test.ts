// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite } from '../support/tables.ts'

const folder = tempFolder()
let sandbox: TestSandbox
const call = (db: string, ...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', folder.file(db)], { env: sandbox.env })

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('what a summary says', () => {
  it('that who liked is not told stands there once a run, and in no job', async () => {
    const ran = await call('likes.db', 'run', '--scope', 'likes', 'instagram:one.post', 'tiktok:quiet.page')
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.stdout.match(/^likes .*$/gm)).toEqual([
      'likes     who liked is not told by instagram, tiktok: only how many',
    ])
    expect(ran.stdout).not.toContain('unsupported-by-network')
    const job = await call('likes.db', 'status', '1')
    expect(job.stdout).toMatch(/^job 1 /)
    expect(job.stdout).not.toMatch(/^(likes|missing) .*(liked|likes)/m)
  })

  it('each quota line says whose it is where two credentials have the same pool, and how far off a moment is', async () => {
    expect(
      (await call('two.db', 'run', '--network', 'youtube', '--scope', 'profile', 'UCtggNqnHV2t1SqIx2UqiMdg'))
        .code,
    ).toBe(0)
    expect((await call('two.db', 'status')).stdout).toMatch(/^quota +youtube default: 1 of /m)
    const until = new Date(sandbox.clock.now() + 80 * 60_000).toISOString()
    const file = openWrite(folder.file('two.db'))
    file.exec(`insert into quota (network, owner, pool, window_start, used, allowance, exhausted_until, refused_as)
      select network, 'another', pool, window_start, 3, allowance, '${until}', 'quota-exhausted' from quota`)
    file.close()
    const { stdout } = await call('two.db', 'status')
    expect(stdout).toMatch(
      /^(?:quota)? +youtube default of another: 3 of .* used up until 2026-10-01 13:20 UTC, in 1 h 20 min$/m,
    )
    expect(stdout).toMatch(/^(?:quota)? +youtube default of (?!another)\S+: 1 of /m)
  })

  it('a call whose connection was refused is not charged; one that was cut off after it was sent is', async () => {
    const run = [
      'run',
      '--network',
      'youtube',
      '--scope',
      'profile',
      '--max-wait',
      '1s',
      'UCtggNqnHV2t1SqIx2UqiMdg',
    ]
    const away = { ...sandbox.env, SOCSYNC_YOUTUBE_BASE_URL: 'http://127.0.0.1:9' }
    const refused = await socsync([...run, '--db', folder.file('away.db')], { env: away })
    expect(refused.code).toBe(75)
    expect(refused.stdout).not.toMatch(/^cost /m)
    expect(refused.stdout).toMatch(/^quota +youtube default: 0 of 10,000 used/m)
    sandbox.setSwitch('cut', { network: 'youtube' })
    const cut = await socsync([...run, '--db', folder.file('cut.db')], { env: sandbox.env })
    sandbox.switches.clear()
    expect(cut.stdout).toMatch(/^cost +\d+ calls?, \d+ units? of youtube default$/m)
  })

  it('how long a run took by the clock on the wall, not by the sandbox’s, which moves on while limits are waited for', async () => {
    const began = performance.now()
    const list = ['--ids', new URL('../../examples/profiles.txt', import.meta.url).pathname]
    const { stdout } = await socsync([
      'run',
      '--sandbox',
      ...list,
      '--scope',
      'all',
      '--db',
      folder.file('wall.db'),
    ])
    const elapsed = (performance.now() - began) / 1000
    const [, minutes = '0', seconds] = /^run 1 .* took (?:(\d+) min )?([\d.]+) s$/m.exec(stdout) ?? []
    expect(Number(minutes) * 60 + Number(seconds)).toBeLessThanOrEqual(elapsed + 1)
    // Later nobody knows it any more: the stored moments are told as what they are.
    const later = await call('wall.db', 'status')
    expect(later.stdout).toMatch(/^run 1 .* took [\dhmins. ]+ by the sandbox's clock$/m)
  })
})
