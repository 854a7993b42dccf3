import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { socsync, start, tempFolder } from '../../support/cli.ts'
import { serveHere } from '../../support/in-process.ts'
import { until } from '../../support/kill.ts'
import { isOnServer, placeOf } from '../../support/on-server.ts'
import { rowsAt } from '../../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { type Json, startServer, type TestServer, TOKEN } from '../../support/server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let sandbox: TestSandbox
let server: TestServer

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  server = await startServer({ env: sandbox.env, args: ['--verbose'] })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
})

/** What a connection brings back for these bytes, until the server closes it or `patience` is over. */
const raw = (origin: string, bytes: string, patience = 20_000): Promise<string> =>
  new Promise(resolve => {
    const { port } = new URL(origin)
    let text = ''
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
    const end = (): void => {
      socket.destroy()
      resolve(text)
    }
    const timer = setTimeout(end, patience)
    socket.on('data', data => {
      text += data
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      end()
    })
  })

/** A request with headers that fetch would not let pass. */
const ask = (
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; body: Json }> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(server.origin + path, { method, headers }, response => {
      let text = ''
      response.on('data', data => {
        text += data
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) }),
      )
    })
    request.on('error', reject)
    request.end()
  })
const authorised = { authorization: `Bearer ${TOKEN}` }

describe('FAULTS 82: beyond this machine', () => {
  const refused = async (args: string[], env: Record<string, string> = {}) => {
    using folder = tempFolder()
    const ended = await socsync(['serve', '--port', '0', '--db', folder.file('x.db'), ...args], {
      env: { XDG_CONFIG_HOME: folder.path, ...env },
    })
    expect([ended.code, ended.stdout]).toEqual([2, ''])
    expect(existsSync(folder.file('x.db'))).toBe(false)
    return ended.stderr
  }

  it('no start without a token of your own, nor with a short one, nor in clear', async () => {
    expect(await refused(['--host', '0.0.0.0'])).toMatch(/a token of your own is needed/)
    expect(await refused(['--host', '0.0.0.0'], { SOCSYNC_SERVE_TOKEN: 'short' })).toMatch(/32 characters/)
    const env = { SOCSYNC_SERVE_TOKEN: TOKEN }
    expect(await refused(['--host', '0.0.0.0'], env)).toMatch(/in clear/)
    expect(await refused(['--host', '::', '--tls-cert', '/nowhere'], env)).toMatch(/go together/)
    expect(await refused(['--host', '::', '--tls-cert', '/no', '--tls-key', '/no'], env)).toMatch(
      /cannot be read/,
    )
  })

  it('with both, behind a proxy, it starts; by itself it listens on 127.0.0.1 alone', async () => {
    await using wide = await startServer({ args: ['--host', '0.0.0.0', '--behind-proxy'] })
    expect(wide.origin).toMatch(/^http:\/\/0\.0\.0\.0:/)
    const { port } = new URL(server.origin)
    const sockets = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8')
    const listening = sockets
      .split('\n')
      .filter(
        line =>
          / 0A /.test(line) && line.includes(`:${Number(port).toString(16).toUpperCase().padStart(4, '0')} `),
      )
    expect(listening.map(line => line.trim().split(/\s+/)[1]?.split(':')[0])).toEqual(['0100007F'])
  })
})

describe('FAULTS 83: the token', () => {
  it('a wrong one of any length is a 401 that says nothing', async () => {
    const bodies = new Set<string>()
    for (const length of [0, 1, 31, 32, 39, 40, 41, 100, 4_000]) {
      for (const scheme of ['Bearer ', 'bearer ', 'Basic ', '']) {
        const { status, body } = await ask('/v1/runs', { authorization: `${scheme}${'x'.repeat(length)}` })
        expect(status).toBe(401)
        bodies.add(JSON.stringify(body))
      }
    }
    for (const near of [TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), ` ${TOKEN} x`])
      expect((await ask('/v1/runs', { authorization: `Bearer ${near}` })).status).toBe(401)
    expect([...bodies]).toEqual([
      '{"type":"urn:socsync:problem:unauthorised","title":"A token is needed","status":401}',
    ])
    expect((await ask('/v1/runs', authorised)).status).toBe(200)
    // Neither in an address nor in a cookie.
    expect((await ask(`/v1/runs?token=${TOKEN}&access_token=${TOKEN}`, {})).status).toBe(401)
    expect((await ask('/v1/runs', { cookie: `token=${TOKEN}` })).status).toBe(401)
  })

  it('every path but the page, /health and /ready needs it, known or not', async () => {
    for (const path of [
      '/v1/runs',
      '/v1/jobs',
      '/v1/networks',
      '/v1/workers',
      '/metrics',
      '/openapi.json',
      '/v1/nothing',
      '/.env',
    ])
      expect([path, (await ask(path, {})).status]).toEqual([path, 401])
    for (const path of ['/health', '/ready'])
      expect([path, (await ask(path, {})).status]).toEqual([path, 200])
    expect((await fetch(`${server.origin}/`)).status).toBe(200)
  })

  it('guessing is slowed: 429 after so many, while the right one is let in', async () => {
    await using here = await serveHere({ env: sandbox.env, limits: { refusedPerMinute: 5 } })
    const statuses: number[] = []
    for (let guess = 0; guess < 8; guess++)
      statuses.push(
        (await fetch(`${here.origin}/v1/runs`, { headers: { authorization: `Bearer ${guess}` } })).status,
      )
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    expect((await fetch(`${here.origin}/v1/runs`, { headers: authorised })).status).toBe(200)
  })

  it('the one that the first start makes is kept for its owner alone, and used again', async () => {
    using folder = tempFolder()
    const file = folder.file('socsync/serve-token')
    const once = async (): Promise<string> => {
      const running = start(['serve', '--port', '0', '--db', folder.file('x.db')], {
        env: { ...sandbox.env, XDG_CONFIG_HOME: folder.path },
      })
      await until(running, () => running.stdout().includes('token is in'))
      expect(statSync(file).mode & 0o777).toBe(0o600)
      const token = readFileSync(file, 'utf8').trim()
      const [, origin = ''] = /at (http:\S+)\//.exec(running.stdout()) ?? []
      expect(
        (await fetch(`${origin}/v1/runs`, { headers: { authorization: `Bearer ${token}` } })).status,
      ).toBe(200)
      running.kill('SIGTERM')
      const ended = await running.ended
      // What is written off a terminal is a log.
      expect(ended.stdout + ended.stderr).not.toContain(token)
      return token
    }
    const token = await once()
    expect(token.length).toBeGreaterThanOrEqual(43)
    expect(await once()).toBe(token)
    chmodSync(file, 0o644)
    const wide = await socsync(['serve', '--port', '0', '--db', folder.file('x.db')], {
      env: { ...sandbox.env, XDG_CONFIG_HOME: folder.path },
    })
    expect(wide.code).toBe(2)
    expect(wide.stderr).toMatch(/open to other users/)
    expect(wide.stderr).not.toContain(token)
  })
})

describe('FAULTS 84: from elsewhere', () => {
  const hosts = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    '0.0.0.0',
    'evil.example:80',
    '2130706433',
    '',
  ]
  it.each(hosts)('a request to the name "%s" is refused before anything is looked at', async host => {
    for (const path of ['/', '/health', '/v1/runs', '/nothing']) {
      const answer = await raw(
        server.origin,
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    }
  })

  it.each(['https://evil.example', 'http://localhost:1', 'null', 'http://127.0.0.1', 'file://'])(
    'a page of %s may not ask',
    async origin => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { status } = await ask('/v1/runs', { ...authorised, origin }, method)
        expect(status).toBe(403)
      }
    },
  )

  it('its own page may, by every name of this machine; nobody is told that others may', async () => {
    const { port } = new URL(server.origin)
    for (const name of ['127.0.0.1', 'localhost']) {
      const host = `${name}:${port}`
      expect((await ask('/v1/runs', { ...authorised, host, origin: `http://${host}` })).status).toBe(200)
    }
    const response = await server.ask('/v1/runs')
    for (const name of ['access-control-allow-origin', 'set-cookie', 'server', 'x-powered-by'])
      expect(response.headers.get(name)).toBeNull()
  })

  it('the page runs under a strict policy and holds no address but its own', async () => {
    const response = await fetch(`${server.origin}/`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|data:|https?:/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    for (const file of readdirSync(new URL('../../../page/', import.meta.url))) {
      const text = await (await fetch(`${server.origin}/${file === 'index.html' ? '' : file}`)).text()
      expect(text.replaceAll('http://www.w3.org/2000/svg', ''), file).not.toMatch(/https?:\/\//)
      expect(text, file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
    }
  })
})

describe('FAULTS 85: bodies', () => {
  const post = (head: string, body: string): string =>
    `POST /v1/runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n${head}\r\n\r\n${body}`
  it.each([
    [
      'over 1 MB, as it says',
      `content-type: application/json\r\ncontent-length: 2000000`,
      'x'.repeat(10),
      413,
    ],
    [
      'over 1 MB, in chunks',
      `content-type: application/json\r\ntransfer-encoding: chunked`,
      `200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`,
      413,
    ],
    ['not JSON', 'content-type: application/json\r\ncontent-length: 3', '{a}', 400],
    ['of another type', 'content-type: text/xml\r\ncontent-length: 3', '<a>', 415],
    ['of a form', 'content-type: application/x-www-form-urlencoded\r\ncontent-length: 3', 'a=b', 415],
    ['of two types', 'content-type: text/plain; application/json\r\ncontent-length: 2', '{}', 415],
    ['a list', 'content-type: application/json\r\ncontent-length: 2', '[]', 400],
    [
      'with a prototype',
      'content-type: application/json\r\ncontent-length: 33',
      '{"__proto__":{"x":1},"ids":["a"]}',
      400,
    ],
    [
      'of 100,000 levels',
      'content-type: application/json\r\ncontent-length: 200000',
      '['.repeat(100_000) + ']'.repeat(100_000),
      400,
    ],
  ])('%s: %#', async (_, head, body, status) => {
    const answer = await raw(server.origin, post(head, body))
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toContain('application/problem+json')
    expect(answer).not.toMatch(/node_modules|\/src\/|at .*\.ts|SyntaxError/)
  })

  it('headers and addresses that are too long', async () => {
    expect(
      await raw(server.origin, `GET /v1/runs?x=${'y'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 /)
    expect(
      await raw(server.origin, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 /)
    expect((await server.ask(`/v1/jobs?entity=${'y'.repeat(300)}`)).status).toBe(400)
  })
})

describe('FAULTS 86: slow ones', () => {
  it('headers and bodies that never end are ended; the server answers others meanwhile', async () => {
    await using here = await serveHere({ env: sandbox.env, limits: { headMs: 500, requestMs: 1_000 } })
    const head = raw(here.origin, 'GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n')
    const body = raw(
      here.origin,
      `POST /v1/runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    )
    const chunks = raw(
      here.origin,
      `POST /v1/runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n`,
    )
    expect((await fetch(`${here.origin}/health`)).status).toBe(200)
    for (const answer of await Promise.all([head, body, chunks])) expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('1,000 idle connections: the server goes on, and has not more of them than it allows', async () => {
    const { port } = new URL(server.origin)
    const sockets: Socket[] = []
    for (let one = 0; one < 1_000; one++) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
    }
    const isPending = ({ connecting }: Socket): boolean => connecting
    while (sockets.some(isPending)) await pause(50)
    const open = () => sockets.filter(socket => !socket.destroyed && socket.readyState === 'open').length
    // What is beyond is closed when the server comes to it.
    await expect.poll(open, { timeout: 60_000 }).toBeLessThanOrEqual(256)
    await pause(1_000)
    expect(open()).toBeLessThanOrEqual(256)
    for (const socket of sockets) socket.destroy()
    for (let status = 0; status !== 200; await pause(50))
      status = (await server.ask('/v1/runs').catch(() => ({ status: 0 }))).status
  })
})

describe('FAULTS 87: no address and no file of a request is ever used', () => {
  const addresses = [
    '2130706433',
    '0x7f.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '@/etc/passwd',
    '-',
    '../../../etc/passwd',
  ]
  for (const [index, address] of addresses.entries()) {
    it(address, { tags: index % 4 === 0 ? [] : ['long'] }, async () => {
      const before = sandbox.log.calls.length
      for (const network of ['instagram', 'youtube', 'tiktok', undefined]) {
        const made = await server.post<Json>('/v1/runs', {
          ids: [address],
          ...(network === undefined ? {} : { network }),
          scope: ['profile'],
        })
        if (made.status !== 202) {
          expect(made.status).toBe(422)
          continue
        }
        // As a name it may pass: then it is asked for as a name, of the network, and of nobody else.
        await server.ended(made.body.id)
      }
      for (const call of sandbox.log.calls.slice(before))
        expect(JSON.stringify(call)).not.toMatch(/meta-data|root:/)
      for (const name of [
        'base_url',
        'db',
        'config',
        'credentials',
        'out',
        'callback',
        'webhook',
        'sandbox',
        'raw',
      ])
        expect(
          (await server.post('/v1/runs', { ids: ['x'], network: 'instagram', [name]: address })).status,
        ).toBe(400)
    })
  }
})

describe('FAULTS 88: ids of others', () => {
  it.each([
    '../1',
    '..%2f1',
    '%2e%2e',
    '0',
    '-1',
    '1.5',
    '1e1',
    '01',
    '9'.repeat(15),
    '9'.repeat(400),
    "1'--",
    '%00',
    'null',
    '１',
  ])('%s is a 404', async id => {
    for (const path of [
      `/v1/jobs/${id}`,
      `/v1/runs/${id}`,
      `/v1/jobs/${id}/results/posts`,
      `/v1/runs/${id}/events`,
    ]) {
      const answer = await raw(
        server.origin,
        `GET ${encodeURI(path).replaceAll('%25', '%')} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`,
      )
      expect([path, answer.slice(0, 12)]).toEqual([path, 'HTTP/1.1 404'])
    }
  })

  it('no path leads to a file', async () => {
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/app.js/../../package.json',
      '//etc/passwd',
      '/page/app.js',
      '/.git/config',
      '/index.html',
    ]) {
      const answer = await raw(
        server.origin,
        `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`,
      )
      expect([path, answer.slice(0, 12)]).toEqual([path, 'HTTP/1.1 404'])
    }
  })
})

describe('FAULTS 89, 90, 91: secrets', () => {
  it('neither token nor keys are in what is said, kept or shown; files are their owner’s alone', async () => {
    const secret = 'canary-of-the-tests-7f3a9'
    await using own = await startServer({
      args: ['--verbose'],
      env: { ...sandbox.env, SOCSYNC_YOUTUBE_API_KEY: secret },
    })
    const run = (
      await own.post<Json>('/v1/runs', { network: 'youtube', ids: ['@one.video'], scope: ['posts'] })
    ).body
    const events = await (await own.ask(`/v1/runs/${run.id}/events`)).text()
    const told = [events]
    for (const path of [
      '/v1/runs',
      `/v1/runs/${run.id}`,
      '/v1/jobs',
      '/v1/jobs/1',
      '/v1/networks',
      '/v1/workers',
      '/metrics',
      '/openapi.json',
      '/v1/nothing',
      `/v1/runs?token=${TOKEN}`,
    ])
      told.push(await (await own.ask(path)).text())
    const { stdout, stderr } = await own.end('SIGTERM')
    const files = readdirSync(own.folder.path)
      .map(name => join(own.folder.path, name))
      .filter(file => statSync(file).isFile())
    for (const file of files) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0])
    const kept = files.map(file => readFileSync(file, 'latin1'))
    for (const text of [...told, stdout, stderr, ...kept]) {
      for (const hidden of [
        secret,
        TOKEN,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
      ])
        expect(text.includes(hidden)).toBe(false)
    }
    for (const text of told) expect(text).not.toContain(own.folder.path)
  })

  it('no flag takes the token', async () => {
    const { code, stderr } = await socsync(['serve', '--token', 'x'])
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option '--token'")])
  })
})

it('what nobody expected is a 500 without a word of where or why', async () => {
  await using own = await startServer({ env: sandbox.env })
  const change = 'alter table quota rename to gone'
  if (isOnServer) await rowsAt(placeOf(own.db), change)
  else {
    const database = new Database(own.db)
    database.exec(change)
    database.close()
  }
  const response = await own.ask('/v1/networks')
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({
    type: 'urn:socsync:problem:internal',
    title: expect.any(String),
    status: 500,
  })
  // Whoever keeps the server can see it.
  expect(own.running.stderr()).toMatch(/no such table: quota|relation \\"quota\\" does not exist/)
})
