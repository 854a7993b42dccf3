// @module-tag long
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { readOnly } from '../support/disk.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

const DAY = 86_400_000
const CHANNEL = 'UC86Dj282KrHLD9gLYw_YC2A'
const LIST = `instagram:one.post\nyoutube:${CHANNEL}\n`

/** The commands of examples/crontab, as their words. */
const [NIGHTLY = [], MORNING = []] = readFileSync(new URL('../../examples/crontab', import.meta.url), 'utf8')
  .split('\n')
  .flatMap(line => {
    const [, command] = /^[\d*].*&& npx socsync (.*)$/.exec(line) ?? []
    return command === undefined ? [] : [command.replace(/ > \/dev\/null$/, '').split(' ')]
  })

const folder = tempFolder()
let sandbox: TestSandbox

const cron = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync([...words, '--db', folder.file('nights.db')], {
    cwd: folder.path,
    env: { ...sandbox.env, ...env },
  })

/** What the crontab mails of a night and the morning after it; the morning's standard output goes nowhere. */
const night = async (env: Readonly<Record<string, string>> = {}) => {
  const run = await cron(NIGHTLY, env)
  sandbox.advance(5.5 * 3_600_000)
  const morning = await cron(MORNING, env)
  sandbox.advance(DAY - 5.5 * 3_600_000)
  return {
    exits: [run.code, morning.code],
    mail: run.stdout + run.stderr,
    morning: morning.stderr,
  }
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  writeFileSync(folder.file('profiles.txt'), LIST)
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const DB = `--db '?${folder.file('nights.db').replaceAll('.', '\\.')}'?`

describe('the mail of examples/crontab', () => {
  it('has a run and a look at it', () => {
    expect(NIGHTLY.slice(0, 1)).toEqual(['run'])
    expect(MORNING).toEqual(['status', '--fail-if-older', '26h'])
  })

  it('a good night: none', async () => {
    expect(await night()).toEqual({ exits: [0, 0], mail: '', morning: '' })
  })

  it('a night on which something failed that passes by itself: none', async () => {
    sandbox.setSwitch('status', { network: 'youtube', value: 503, match: 'playlistItems' })
    expect(await night()).toEqual({ exits: [3, 0], mail: '', morning: '' })
    sandbox.switches.clear()
  })

  it('a night without quota: none', async () => {
    sandbox.setSwitch('error', { network: 'youtube', value: 'quotaExceeded', after: 1 })
    expect(await night()).toEqual({ exits: [75, 0], mail: '', morning: '' })
    sandbox.switches.clear()
  })

  it('nights with a dead key: what is wrong, since when, what to do', async () => {
    const dead = { SOCSYNC_YOUTUBE_API_KEY: 'dead' }
    const words = (runs: string, last: string): RegExp =>
      new RegExp(
        `^socsync: youtube: unauthorised( on 1 profile)?: YouTube answered channels with 400 API_KEY_INVALID: .*\\n` +
          `  since 2026-10-04 \\d\\d:\\d\\d UTC${runs}; the last success was 2026-10-0[34] .* UTC\\n` +
          `  renew the credential \\(SOCSYNC_YOUTUBE_API_KEY\\), then: socsync resume ${last}${isOnServer ? '.*' : ` ${DB}`}\\n$`,
      )
    const first = await night(dead)
    expect(first).toMatchObject({ exits: [5, 3] })
    expect(first.mail).toMatch(words('', '--run 4'))
    expect(first.morning).toMatch(words('', '--all'))
    const second = await night(dead)
    expect(second).toMatchObject({ exits: [5, 3] })
    expect(second.mail).toMatch(words(', in 2 runs', '--run 5'))
    expect(second.morning).toMatch(words(', in 2 runs', '--all'))
  })

  it.skipIf(isOnServer)('a night with a dead disk: a line, and what to do', async ({ skip }) => {
    using disk = readOnly(folder.path)
    if (disk === null) skip('no file system may be mounted here')
    const ended = await socsync([...NIGHTLY, '--db', disk?.file('nights.db') ?? ''], {
      cwd: folder.path,
      env: sandbox.env,
    })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^socsync: .*nights\.db.*\n {2}.+\n$/)
  })

  it('where nothing starts runs any more: the morning alone tells it', async () => {
    expect((await night()).exits).toEqual([0, 0])
    sandbox.advance(2 * DAY)
    const morning = await cron(MORNING)
    expect(morning.code).toBe(3)
    expect(morning.stderr).toMatch(
      /^socsync: no run has begun\n {2}since 2026-10-0\d .*, when the newest run did\n {2}look at what starts it.*\n$/,
    )
  })

  it('a network that cannot be reached for days needs a person at last', async () => {
    const away = { SOCSYNC_YOUTUBE_BASE_URL: 'http://127.0.0.1:9' }
    expect((await night()).exits).toEqual([0, 0])
    const told: string[] = []
    for (let count = 0; count < 5; count++) told.push((await night(away)).mail)
    expect(told.slice(0, 2)).toEqual(['', ''])
    expect(told.at(-1)).toMatch(
      /^socsync: youtube: unreachable on 1 profile.*\n {2}since .*in \d runs.*\n {2}it has not passed/,
    )
  })
})

describe('a list of which nothing is there', () => {
  it('needs a person, with the first of its names, and is no end to be exported', async () => {
    const db = folder.file('typo.db')
    const run = ['run', '--network', 'youtube', '@nobody-of-this-name', '@nor-this-one', '--db', db]
    const quiet = await socsync([...run, '--quiet'], { env: sandbox.env })
    expect(quiet).toMatchObject({ code: 0, stdout: '' })
    expect(quiet.stderr).toMatch(
      /^socsync: 2 profiles of the list are not to be had \(not-found\): youtube:@nobody-of-this-name, /,
    )
    const told = await socsync([...run, '--refresh-after', '0s'], { env: sandbox.env })
    expect(told.stdout).toMatch(/^next +look at the list: youtube:@nobody-of-this-name$/m)
  })

  it('a list of which something is there does not, but with --strict', async () => {
    const run = [
      'run',
      '--network',
      'youtube',
      CHANNEL,
      '@nobody-of-this-name',
      '--scope',
      'profile',
      '--quiet',
    ]
    const db = ['--db', folder.file('some.db')]
    expect(await socsync([...run, ...db], { env: sandbox.env })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const strict = await socsync([...run, ...db, '--strict', '--refresh-after', '0s'], { env: sandbox.env })
    expect(strict.code).toBe(3)
    expect(strict.stderr).toContain('youtube:@nobody-of-this-name')
  })
})
