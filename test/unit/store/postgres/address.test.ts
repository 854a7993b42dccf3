import { chmodSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isPostgresUrl, passwordsIn, readAddress, redactUrl } from '../../../../src/store/postgres/address.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perTest } from '../../../support/fresh.ts'

const folder = perTest(tempFolder)
afterEach(() => vi.unstubAllEnvs())

const passwordOf = async (url: string): Promise<string | undefined> => {
  const { password } = readAddress(url).config
  return typeof password === 'function' ? await password() : password
}
const passfile = (text: string, mode = 0o600): string => {
  const path = folder().file('pgpass')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

it('a URL is told from a path', () => {
  expect(['postgres://x', 'postgresql://x/y', 'POSTGRES://x'].map(isPostgresUrl)).toEqual([true, true, true])
  expect(['./postgres.db', '/a/postgres:/b', 'postgres:x'].map(isPostgresUrl)).toEqual([false, false, false])
})

it.each([
  ['postgres://u:secret@h:1/d', 'postgres://u@h:1/d'],
  ['postgresql://u:se%40cret@h/d?passfile=x#y', 'postgresql://u@h/d'],
  ['postgres://u:se@cret@h/d', 'postgres://u@h/d'],
  ['postgres://u:se/cret@h/d', 'postgres://u@h/d'],
  ['postgres://:secret@h/d', 'postgres://@h/d'],
  ['postgres://u@h/d', 'postgres://u@h/d'],
  ['postgres://h/d?password=secret', 'postgres://h/d'],
  ['postgres:///d', 'postgres:///d'],
  ['./a.db', './a.db'],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})

it.each([
  ['postgres://u:secret@h:1/d', ['secret']],
  ['postgres://u:se%40cret@h/d', ['se%40cret', 'se@cret']],
  ['postgres://u:se@c:ret@h/d', ['se@c:ret']],
  ['postgres://u:100%@h/d', ['100%']],
  ['postgres://u@h/d', []],
  ['postgres://h:5432/d', []],
  ['./a:b@c.db', []],
])('the password of %s is %j', (url, passwords) => {
  expect(passwordsIn(url)).toEqual(passwords)
})

describe('what a URL leaves out', () => {
  it('comes from the environment, and then from what is usual', () => {
    for (const name of ['PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE']) vi.stubEnv(name, undefined)
    expect(readAddress('postgres://u@/').config).toMatchObject({
      host: 'localhost',
      port: 5432,
      database: 'u',
    })
    vi.stubEnv('PGHOST', '/run/pg')
    vi.stubEnv('PGPORT', '6000')
    vi.stubEnv('PGUSER', 'me')
    vi.stubEnv('PGDATABASE', 'mine')
    expect(readAddress('postgres://').config).toMatchObject({
      ...{ host: '/run/pg', port: 6000, user: 'me', database: 'mine', ssl: false },
      application_name: 'socsync',
    })
    expect(readAddress('postgres://u%40x@h:7/d%2Fe').config).toMatchObject({
      ...{ host: 'h', port: 7, user: 'u@x', database: 'd/e' },
    })
  })

  it('is not guessed where it is wrong', () => {
    expect(() => readAddress('postgres://u:secret@h:port/d')).toThrow(/^postgres:\/\/u@h:port\/d is no URL/)
    expect(() => readAddress('postgres://u@h/d?sslmod=disable')).toThrow('unknown setting: sslmod')
    expect(() => readAddress('postgres://u:100%@h/d')).toThrow('encodes nothing')
  })
})

describe('a password', () => {
  it('comes from the URL, else from PGPASSWORD, else from a file', async () => {
    vi.stubEnv('PGPASSFILE', passfile('h:*:d:u:from file\n'))
    vi.stubEnv('PGPASSWORD', undefined)
    expect(await passwordOf('postgres://u@h/d')).toBe('from file')
    expect(await passwordOf('postgres://u@h/other')).toBeUndefined()
    vi.stubEnv('PGPASSWORD', 'from environment')
    expect(await passwordOf('postgres://u@h/d')).toBe('from environment')
    expect(await passwordOf('postgres://u:p%40ss%3A@h/d')).toBe('p@ss:')
  })

  it('of a file is of the first line that fits', async () => {
    const path = passfile(
      '# h:5432:d:u:comment\n\nh:1:d:u:port\nlocalhost:5432:d:u:socket\n*:*:d\\:x:u:a\\:b\\\\c\n*:*:*:*:any\n',
    )
    const of = (url: string) => passwordOf(`${url}?passfile=${path}`)
    vi.stubEnv('PGPASSWORD', undefined)
    expect(await of('postgres://u@h:1/d')).toBe('port')
    expect(await of('postgres://u@h/d')).toBe('any')
    expect(await of('postgres://u@h/d:x')).toBe('a:b\\c')
    expect(await of('postgres://u@%2Frun/d')).toBe('socket')
  })

  it('is not taken from a file that others may read, or that is not there', async () => {
    vi.stubEnv('PGPASSWORD', undefined)
    const path = passfile('*:*:*:*:any\n', 0o644)
    await expect(async () => passwordOf(`postgres://u@h/d?passfile=${path}`)).rejects.toThrow(
      'others than its owner',
    )
    await expect(async () => passwordOf('postgres://u@h/d?passfile=/nowhere')).rejects.toThrow(
      'no password file',
    )
  })
})

describe('TLS', () => {
  const tls = (url: string) => readAddress(url).config.ssl

  it('is verified, but on loopback and sockets', () => {
    vi.stubEnv('PGSSLMODE', undefined)
    expect(tls('postgres://u@db.example/d')).toEqual({ rejectUnauthorized: true })
    for (const host of ['localhost', '127.0.0.1', '[::1]', '%2Frun'])
      expect(tls(`postgres://u@${host}/d`)).toBe(false)
  })

  it('is left out only where that is said', () => {
    expect(tls('postgres://u@db.example/d?sslmode=disable')).toBe(false)
    expect(tls('postgres://u@db.example/d?sslmode=require')).toEqual({ rejectUnauthorized: false })
    expect(tls('postgres://u@localhost/d?sslmode=verify-full')).toEqual({ rejectUnauthorized: true })
    for (const mode of ['prefer', 'allow', 'off'])
      expect(() => tls(`postgres://u:secret@db.example/d?sslmode=${mode}`)).toThrow(`d has sslmode=${mode}`)
    expect(() => tls('postgres://u@h/d?sslrootcert=/nowhere')).toThrow('/nowhere, which does not exist')
  })
})
