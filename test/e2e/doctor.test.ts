// @module-tag long
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/app/setup/finding.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { AUTHORITY, startCorporateNetwork } from '../support/corporate.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite } from '../support/tables.ts'

const SHIFT = fileURLToPath(new URL('../support/shift-clock.ts', import.meta.url))
const folder = tempFolder()
const bin = folder.file('bin')
const db = folder.file('doctor.db')
let sandbox: TestSandbox
let path = ''

beforeAll(async () => {
  sandbox = await startSandbox({ ticking: true })
  mkdirSync(bin)
  path = [bin, process.env.PATH].join(delimiter)
  crontab('')
  expect(
    (
      await socsync(['run', '--quiet', '--scope', 'profile', '--db', db, 'instagram:one.post'], {
        env: sandbox.environment,
      })
    ).code,
  ).toBe(0)
}, 60_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** What `crontab -l` says. */
const crontab = (text: string): void => {
  writeFileSync(folder.file('crontab.txt'), text)
  writeFileSync(join(bin, 'crontab'), `#!/bin/sh\ncat '${folder.file('crontab.txt')}'\n`)
  chmodSync(join(bin, 'crontab'), 0o755)
}

type Env = Readonly<Record<string, string>>
interface Told {
  readonly code: number | null
  of(subject: string): readonly Finding[]
}

const doctor = async (env: Env, ...flags: readonly string[]): Promise<Told> => {
  const args = ['doctor', '--json', ...(flags.includes('--db') ? [] : ['--db', db]), ...flags]
  const { code, stdout, stderr } = await socsync(args, { env: { PATH: path, HOME: folder.path, ...env } })
  expect(stderr).toBe('')
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  expect(code).toBe(ok ? 0 : 2)
  for (const { state, remedy } of findings) if (state === 'wrong') expect(remedy).toBeTruthy()
  return { code, of: subject => findings.filter(one => one.subject === subject) }
}
const wrong = (said: RegExp | string, remedy: RegExp | string) =>
  expect.objectContaining({
    state: 'wrong',
    said: typeof said === 'string' ? said : expect.stringMatching(said),
    remedy: typeof remedy === 'string' ? remedy : expect.stringMatching(remedy),
  })

describe('a set-up that is right', () => {
  it('is told so, each thing by itself, and nothing of the database is changed', async () => {
    const { code, of } = await doctor(sandbox.environment)
    expect(code).toBe(0)
    for (const subject of ['node', 'config', 'disk', 'clock', 'proxy', 'certificates', 'quota', 'cron'])
      expect(
        of(subject).map(({ state }) => state),
        subject,
      ).not.toContain('wrong')
    expect(of('credentials').map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  })

  it('for people: a line each, and a last one', async () => {
    const { stdout, code } = await socsync([
      'doctor',
      '--sandbox',
      '--offline',
      '--db',
      folder.file('none.db'),
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok {5}node {10}v/)
    expect(stdout).toMatch(/\n\nnothing is in the way of a run\n$/)
  })

  it('--offline asks nobody', async () => {
    sandbox.log.clear()
    const { of } = await doctor(sandbox.environment, '--offline')
    expect(sandbox.log.calls).toEqual([])
    expect(of('credentials')).toHaveLength(1)
  })
})

describe('what is wrong is named, with the line that mends it', () => {
  it('credentials: a dead one, half of one, none', async () => {
    const dead = await doctor({ ...sandbox.environment, SOCSYNC_YOUTUBE_API_KEY: 'AIzaDeadKeyOfDoctor' })
    expect(dead.of('credentials')).toContainEqual(wrong(/^youtube-1: /, /docs\/credentials\.md/))
    const { SOCSYNC_TIKTOK_CLIENT_SECRET: _, ...rest } = sandbox.environment
    const half = await doctor(rest, '--offline')
    expect(half.of('credentials')).toContainEqual(
      wrong(/only SOCSYNC_TIKTOK_CLIENT_KEY is set/, /SOCSYNC_TIKTOK_CLIENT_SECRET/),
    )
    const none = await doctor({}, '--db', folder.file('none-yet.db'))
    expect(none.of('credentials')).toContainEqual(wrong('no network has one', /^socsync networks/))
  })

  it('a clock that is two days ahead', async () => {
    const env = {
      ...sandbox.environment,
      NODE_OPTIONS: `--import ${SHIFT}`,
      SHIFT_MS: String(2 * 86_400_000),
    }
    const { of } = await doctor(env)
    expect(of('clock')).toEqual([wrong(/clock is 1728\d\d s ahead/, /set-ntp true$/)])
  })

  it('a proxy that is none, one that refuses, and one that is used', async () => {
    const none = await doctor({ ...sandbox.environment, HTTPS_PROXY: 'socks5://127.0.0.1:1' })
    expect(none.of('proxy')).toEqual([wrong('HTTPS_PROXY is no address of a proxy', /^allowed: /)])

    await using strict = await startCorporateNetwork(sandbox.origin, () => 407)
    const inside = { ...strict.environment(sandbox.environment), HTTPS_PROXY: strict.proxy }
    const refused = await doctor(inside, '--db', folder.file('strict.db'))
    expect(refused.of('credentials')).toContainEqual(
      wrong(/answered 407/, /user and password into HTTPS_PROXY/),
    )

    await using open = await startCorporateNetwork(sandbox.origin)
    const env = { ...open.environment(sandbox.environment), HTTPS_PROXY: open.proxy }
    const used = await doctor(
      { ...env, NO_PROXY: 'a.example', NODE_EXTRA_CA_CERTS: AUTHORITY },
      ...['--db', folder.file('open.db')],
    )
    expect(used.code).toBe(0)
    expect(used.of('proxy')[0]?.said).toBe(
      `${open.proxy} of HTTPS_PROXY is used, but not for a.example (NO_PROXY); never for this machine`,
    )
    expect(used.of('certificates')[0]?.said).toContain(`1 of ${AUTHORITY}`)
  })

  it('certificates that are not there, or are none', async () => {
    const text = folder.file('none.pem')
    writeFileSync(text, 'no certificate')
    for (const file of [text, AUTHORITY.replace('ca.pem', 'key.pem')]) {
      const { of } = await doctor({ ...sandbox.environment, NODE_EXTRA_CA_CERTS: file }, '--offline')
      expect(of('certificates')).toEqual([wrong(/holds no certificate/, /^NODE_EXTRA_CA_CERTS=/)])
    }
  })

  it('a config file with a mistake', async () => {
    const config = folder.file('config.json')
    writeFileSync(config, '{ "limit_psots": 3 }')
    const { of } = await doctor(sandbox.environment, '--config', config)
    expect(of('config')).toEqual([
      wrong(`"limit_psots" in ${config} is not known`, 'did you mean "limit_posts"?'),
    ])
  })

  it('a database that is none, one of the sandbox, a folder that is not there', {
    timeout: 60_000,
  }, async () => {
    if (isOnServer) return
    const text = folder.file('text.db')
    writeFileSync(text, 'not a database at all, but long enough to be read as the header of one: '.repeat(20))
    expect((await doctor(sandbox.environment, '--offline', '--db', text)).of('database')).toEqual([
      wrong(/text\.db/, /./),
    ])
    const own = folder.file('own-sandbox.db')
    await socsync(['run', '--sandbox', '--quiet', '--scope', 'profile', '--db', own, 'instagram:one.post'])
    const { PATH: __, ...real } = { PATH: '', SOCSYNC_YOUTUBE_API_KEY: 'AIzaAnything' }
    expect((await doctor(real, '--offline', '--db', own)).of('database')).toEqual([
      wrong(/was filled by (a|the) sandbox/, /--db/),
    ])
    const nowhere = folder.file('not-there', 'a.db')
    expect((await doctor(sandbox.environment, '--offline', '--db', nowhere)).of('disk')).toEqual([
      wrong(/does not exist$/, `mkdir -p ${folder.file('not-there')}`),
    ])
  })

  it('a quota that is used up is told, and is no fault', async () => {
    const file = openWrite(db)
    file.exec(`update quota set exhausted_until = '2999-01-01T00:00:00.000Z', refused_as = 'quota-exhausted'`)
    file.close()
    const { of } = await doctor(sandbox.environment, '--offline')
    expect(of('quota')[0]).toMatchObject({
      state: 'note',
      remedy: expect.stringContaining('--reopen instagram'),
    })
  })
})

describe('cron', () => {
  const LINE = '30 2 * * * cd $HOME && npx socsync run --ids profiles.txt --quiet\n'
  const look = (env: Env): Promise<Told> => doctor(env, '--offline')
  // The sandbox's own variables stand for tokens that a shell exported.
  it('tokens that only the shell has', async () => {
    crontab(`PATH=${bin}:${process.env.PATH}\n${LINE}`)
    const { of } = await look(sandbox.environment)
    expect(of('cron')).toContainEqual(wrong(/does not see SOCSYNC_YOUTUBE_API_KEY/, /docs\/cron\.md/))
  })

  it('a program that is not on its path', async () => {
    crontab(`PATH=/nowhere\nCREDENTIALS_DIRECTORY=/keys\n${LINE}`)
    const { of } = await look(sandbox.environment)
    expect(of('cron')).toEqual([wrong('cron finds no npx in /nowhere', /PATH=.+:\/usr\/bin:\/bin$/)])
  })

  it('a line that has both', async () => {
    crontab(`# nightly\nPATH="${process.env.PATH}"\nCREDENTIALS_DIRECTORY=/keys\n${LINE}`)
    const { of } = await look(sandbox.environment)
    expect(of('cron')[0]).toMatchObject({ state: 'ok' })
  })
})
