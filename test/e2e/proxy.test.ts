// @module-tag long
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { AUTHORITY, HOST, startCorporateNetwork } from '../support/corporate.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const LIST = ['instagram:one.post', 'youtube:UC4PxMN_1ESeaVOhEKlToRCg', 'tiktok:quiet.page']
const PASSWORD = 'p@ss:of/the proxy'
const folder = tempFolder()
let sandbox: TestSandbox
let files = 0

beforeAll(async () => {
  sandbox = await startSandbox({ ticking: true })
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

type Env = Readonly<Record<string, string>>

/** A run over one profile of each network, in a database of its own. */
const run = (env: Env, ...more: readonly string[]): Promise<Ended & { db: string }> => {
  const db = folder.file(`${files++}.db`)
  return socsync(['run', '--scope', 'profile', '--db', db, ...more, ...LIST], { env }).then(ended => ({
    ...ended,
    db,
  }))
}
const profiles = (db: string): number => Number(query(db, 'select count(*) as n from profiles')[0]?.n)

describe('where names are known to a proxy alone, and certificates are of an own authority', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])(
    'all three networks are read by %s',
    async variable => {
      await using inside = await startCorporateNetwork(sandbox.origin)
      const { code, stderr, db } = await run({
        ...inside.environment(sandbox.environment),
        [variable]: inside.proxy,
        NODE_EXTRA_CA_CERTS: AUTHORITY,
      })
      expect(code, stderr).toBe(0)
      expect(profiles(db)).toBe(3)
      expect(new Set(inside.tunnels.map(({ to }) => to))).toEqual(new Set([`${HOST}:443`]))
    },
  )

  it('an address without http:// is one, and user and password are sent, and never shown', async () => {
    const user = `robot:${PASSWORD}`
    await using inside = await startCorporateNetwork(sandbox.origin, as => (as === user ? 200 : 407))
    const proxy = inside.proxy.replace('http://', `robot:${encodeURIComponent(PASSWORD)}@`)
    const env = {
      ...inside.environment(sandbox.environment),
      HTTPS_PROXY: proxy,
      NODE_EXTRA_CA_CERTS: AUTHORITY,
    }
    const { code, stdout, stderr } = await run(env, '--verbose')
    expect(code, stderr).toBe(0)
    expect(inside.tunnels[0]?.as).toBe(user)
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)])
      expect(stdout + stderr).not.toContain(secret)
  })

  it('a transform service is asked through it, too', async () => {
    await using inside = await startCorporateNetwork(sandbox.origin)
    const config = folder.file('transforms.json')
    const url = inside.seen(sandbox.transformUrl('mood'))
    writeFileSync(config, JSON.stringify({ transforms: { mood: { url, elements: ['profiles.bio'] } } }))
    const env = {
      ...inside.environment(sandbox.environment),
      HTTPS_PROXY: inside.proxy,
      NODE_EXTRA_CA_CERTS: AUTHORITY,
    }
    const { db, stderr } = await run(env)
    const ended = await socsync(
      ['transform', 'run', '--json', '--db', db, '--config', config, '--max-wait', '0s'],
      { env },
    )
    expect([0, 75], stderr + ended.stderr).toContain(ended.code)
    expect(sandbox.transforms.counts().mood?.jobs).toBeGreaterThan(0)
  })

  it('without the authority nothing is sent, and what names one is said', async () => {
    await using inside = await startCorporateNetwork(sandbox.origin)
    const before = sandbox.log.calls.length
    const env = { ...inside.environment(sandbox.environment), HTTPS_PROXY: inside.proxy }
    const { code, stdout } = await run(env, '--json')
    expect(code).not.toBe(0)
    expect(stdout).toContain('NODE_EXTRA_CA_CERTS')
    expect(sandbox.log.calls.length).toBe(before)
  })

  it('a name of NO_PROXY is asked straight, so that here it is not found', async () => {
    await using inside = await startCorporateNetwork(sandbox.origin)
    const env = {
      ...inside.environment(sandbox.environment),
      HTTPS_PROXY: inside.proxy,
      NO_PROXY: 'x.example,.test',
    }
    const { code, stdout, stderr } = await run(env)
    expect(code, stdout + stderr).toBe(75)
    expect(inside.tunnels).toEqual([])
  })
})

describe('this machine is never asked by way of a proxy', () => {
  it('--sandbox works with a proxy that is not there', async () => {
    const away = 'http://127.0.0.1:1'
    const env = { HTTPS_PROXY: away, HTTP_PROXY: away, https_proxy: away, http_proxy: away }
    const { code, stderr, db } = await run(env, '--sandbox')
    expect(code, stderr).toBe(0)
    expect(profiles(db)).toBe(3)
  })

  it('nor are stand-ins at base addresses', async () => {
    await using inside = await startCorporateNetwork(sandbox.origin)
    const { code, stderr } = await run({
      ...sandbox.environment,
      HTTP_PROXY: inside.proxy,
      HTTPS_PROXY: inside.proxy,
    })
    expect(code, stderr).toBe(0)
    expect(inside.tunnels).toEqual([])
  })
})

describe('a proxy that does not do it', () => {
  it.each([
    [407, 'put user and password into HTTPS_PROXY'],
    [403, `have the proxy let ${HOST} through, or name it in NO_PROXY`],
  ])('%i: what to set is said, exit 5', async (status, advice) => {
    await using inside = await startCorporateNetwork(sandbox.origin, () => status)
    const env = { ...inside.environment(sandbox.environment), HTTPS_PROXY: inside.proxy }
    const { code, stdout, stderr } = await run(env)
    expect(code, stdout + stderr).toBe(5)
    expect(stdout).toContain(advice)
    expect(stdout).toContain(`answered ${status}`)
  })

  it('502: the networks cannot be reached, exit 75, nothing stays charged', async () => {
    await using inside = await startCorporateNetwork(sandbox.origin, () => 502)
    const env = { ...inside.environment(sandbox.environment), HTTPS_PROXY: inside.proxy }
    const { code, stdout, stderr, db } = await run(env)
    expect(code, stdout + stderr).toBe(75)
    expect(stdout).toContain(`the proxy ${inside.proxy} of HTTPS_PROXY answered 502`)
    expect(query(db, 'select coalesce(sum(used), 0) as used from quota')).toEqual([{ used: 0 }])
  })

  it.each(['socks5://127.0.0.1:1080', 'http://', 'http://proxy.example/path', 'http://a:%zz@proxy.example'])(
    'an address that is none is refused before anything is done: %s',
    async address => {
      const { code, stderr, stdout } = await run({ ...sandbox.environment, HTTPS_PROXY: address })
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^socsync: HTTPS_PROXY is no address of a proxy\n {2}allowed: .*\n$/)
    },
  )
})
