import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import { openHttp } from '../../../src/http/client.ts'
import type { HttpRequest } from '../../../src/http/http.ts'
import { Redactor } from '../../../src/http/redact.ts'
import { http, startRawServer } from '../../support/raw-server.ts'
import { START } from '../../support/sandbox.ts'

const TOKEN = 'IGQVJ-s3cret|token/1'
const redactor = new Redactor([TOKEN])
const clock = { now: () => START, sleep: async () => {} }
const client = openHttp({ redactor, clock, maxBytes: 2 ** 20, deadlineMs: 300 })
afterAll(() => client.close())

const never = new AbortController().signal
const get = (url: string, more: Partial<HttpRequest> = {}) =>
  client.send({ method: 'GET', url, ...more }, never)

/** How a call fails, its error in full checked to hold no secret. */
const failureOf = async (call: Promise<{ json(): unknown }>) => {
  try {
    ;(await call).json()
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      expect(`${at.stack}${at.message}${JSON.stringify(at)}`).not.toContain('s3cret')
    }
    return { ...error.fault, message: error.message }
  }
  throw new Error('did not fail')
}

describe('an answer', () => {
  test('comes with its status, headers in lower case, text, and JSON that is exact', async () => {
    await using server = await startRawServer(socket =>
      socket.end(
        http('{"id":7212345678901234567}', { 'X-App-Usage': '{"call_count":1}' }, '400 Bad Request'),
      ),
    )
    const answer = await get(server.origin)
    expect(answer).toMatchObject({
      status: 400,
      text: '{"id":7212345678901234567}',
      receivedAt: '2026-10-01T12:00:00.000Z',
    })
    expect(answer.headers['x-app-usage']).toBe('{"call_count":1}')
    expect(answer.json()).toEqual({ id: '7212345678901234567' })
    expect(answer.json()).toBe(answer.json())
  })

  test('is asked for as JSON, packed, by name, unless a request says otherwise', async () => {
    await using server = await startRawServer(socket => socket.write(http('{}')))
    await get(`${server.origin}/a/b%2Fc?q=1%2C2#hash`)
    await client.send(
      { method: 'POST', url: server.origin, headers: { 'User-Agent': 'me' }, body: 'a=é' },
      never,
    )
    expect(server.requests[0]).toMatch(/^GET \/a\/b%2Fc\?q=1%2C2 HTTP\/1.1\r\n/)
    expect(server.requests[0]).toMatch(
      /\r\naccept: application\/json\r\naccept-encoding: gzip, deflate, br, zstd\r\n/,
    )
    expect(server.requests[0]).toMatch(/\r\nuser-agent: socsync\/\d+\.\d+\.\d+ \(gzip\)\r\n/)
    expect(server.requests[1]).toMatch(
      /^POST \/[\s\S]*user-agent: me\r\n[\s\S]*content-length: 4\r\n\r\na=Ã©$/,
    )
    expect(server.requests[1]?.match(/user-agent/gi)).toHaveLength(1)
  })

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (body: string) => Buffer.from(body)],
    ['deflate, GZIP', (body: string) => gzipSync(deflateSync(body))],
  ])('packed with %s is read', async (encoding, pack) => {
    const body = JSON.stringify({ name: 'é👍'.repeat(1000) })
    await using server = await startRawServer(socket =>
      socket.end(http(pack(body), { 'content-encoding': encoding })),
    )
    expect((await get(server.origin)).text).toBe(body)
  })

  test('of many chunks that cut through characters is whole', async () => {
    const body = Buffer.from(JSON.stringify('é👍'.repeat(40)))
    await using server = await startRawServer(async socket => {
      socket.write(http('', { 'content-length': body.length }))
      for (let at = 0; at < body.length; at += 3) {
        socket.write(body.subarray(at, at + 3))
        await delay(0)
      }
    })
    expect((await get(server.origin, { deadlineMs: 5000 })).json()).toBe('é👍'.repeat(40))
  })

  test('with bytes that are no UTF-8, and one with a BOM, is read', async () => {
    const bodies = [Buffer.from([0x22, 0x61, 0xff, 0x22]), Buffer.from('\ufeff{"a":1}')]
    await using server = await startRawServer((socket, n) => socket.write(http(bodies[n - 1] ?? '')))
    expect((await get(server.origin)).json()).toBe('a\ufffd')
    expect((await get(server.origin)).json()).toEqual({ a: 1 })
  })

  test('has known secrets replaced in its text and JSON, however they are written', async () => {
    const next = `https://x.test/?access_token=${encodeURIComponent(TOKEN)}&after=QVFI`
    await using server = await startRawServer(socket =>
      socket.end(http(JSON.stringify({ next, caption: 'key=value' }).replaceAll('/', '\\/'))),
    )
    const answer = await get(server.origin)
    expect(answer.text).not.toContain('s3cret')
    expect(answer.json()).toEqual({
      next: 'https://x.test/?access_token=***&after=QVFI',
      caption: 'key=value',
    })
  })

  test('has replaced what only its own request told to be a secret', async () => {
    await using server = await startRawServer(socket => socket.end(http('{"echo":"proof-0123456789"}')))
    expect((await get(`${server.origin}/?appsecret_proof=proof-0123456789`)).json()).toEqual({ echo: '***' })
  })

  test('with new tokens gives them to json() alone, and they are known from then on', async () => {
    const tokens = { access_token: 'new-t0ken-1', refresh_token: TOKEN, open_id: 'public' }
    await using server = await startRawServer((socket, n) =>
      socket.write(http(n === 1 ? JSON.stringify(tokens) : '{"echo":"new-t0ken-1"}')),
    )
    const answer = await client.send(
      { method: 'POST', url: server.origin, body: 'client_key=a&grant_type=refresh_token' },
      never,
    )
    expect(answer.json()).toEqual(tokens)
    expect(answer.text).toBe('{"access_token":"***","refresh_token":"***","open_id":"public"}')
    expect((await get(server.origin)).text).toBe('{"echo":"***"}')
  })

  test('that refuses a token repeats no secret, not even in its JSON', async () => {
    const refusal = { error: 'invalid_grant', error_description: `no "access_token": ${TOKEN}` }
    await using server = await startRawServer(socket => socket.end(http(JSON.stringify(refusal))))
    const body = 'grant_type=refresh_token&refresh_token=another-s3cret'
    const answer = await client.send({ method: 'POST', url: server.origin, body }, never)
    expect(answer.json()).toEqual({ error: 'invalid_grant', error_description: 'no "access_token": ***' })
  })
})

describe('a call that fails', () => {
  const cut = (body: string, length: number) => http(body, { 'content-length': length })
  const packed = gzipSync(randomBytes(4000).toString('hex'))

  test.each<[string, Buffer | string, object]>([
    ['31 closed before headers', '', { kind: 'transient', code: 'truncated' }],
    ['32 closed before its length', cut('{"a":1', 500), { kind: 'transient', code: 'truncated' }],
    [
      '32 closed before the last chunk',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
      { kind: 'transient', code: 'truncated' },
    ],
    [
      '33 cut without a length',
      'HTTP/1.1 200 OK\r\n\r\n{"data":[{"id":"1"',
      { kind: 'transient', code: 'not-json' },
    ],
    ['34 a length that is too small', cut('{"data":[1,2,3]}', 9), { kind: 'transient' }],
    [
      '35 cut gzip',
      http(packed.subarray(0, 500), { 'content-encoding': 'gzip' }),
      { kind: 'transient', code: 'truncated' },
    ],
    [
      '36 plain text called gzip',
      http('{"a":1}', { 'content-encoding': 'gzip' }),
      { kind: 'transient', code: 'Z_DATA_ERROR' },
    ],
    [
      '   an encoding nobody knows',
      http('{}', { 'content-encoding': 'rot13' }),
      { kind: 'unreadable', code: 'encoding' },
    ],
    ['37 larger than allowed', http('x'.repeat(2 ** 20 + 1)), { kind: 'unreadable', code: 'too-large' }],
    [
      '37 a gzip bomb',
      http(gzipSync(Buffer.alloc(2e8, ' ')), { 'content-encoding': 'gzip' }),
      { kind: 'unreadable', code: 'too-large' },
    ],
    [
      '38 HTML with 200',
      http('<html>Sign in', { 'content-type': 'text/html' }),
      { kind: 'transient', code: 'html' },
    ],
    ['39 an empty 200', http(''), { kind: 'transient', code: 'empty' }],
    ['39 a 204', 'HTTP/1.1 204 No Content\r\n\r\n', { kind: 'transient', code: 'empty' }],
    ['40 no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', { kind: 'transient', code: 'HTTPParserError' }],
    [
      '40 headers without end',
      http('{}', { 'x-padding': 'x'.repeat(70_000) }),
      { kind: 'transient', code: 'UND_ERR_HEADERS_OVERFLOW' },
    ],
    ['50 deep nesting', http('['.repeat(100_000)), { kind: 'unreadable', code: 'too-deep' }],
    ['50 NaN', http('{"n":NaN}'), { kind: 'transient', code: 'not-json' }],
  ])('%s', async (_, bytes, fault) => {
    await using server = await startRawServer(socket => socket.end(bytes))
    expect(await failureOf(get(`${server.origin}/v1?access_token=${TOKEN}`))).toMatchObject(fault)
  })

  test('28 a name that is nowhere', async () => {
    const failure = await failureOf(
      get(`http://nowhere.invalid/v1?access_token=${TOKEN}`, { deadlineMs: 20_000 }),
    )
    expect(failure).toMatchObject({
      kind: 'transient',
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    })
    expect(failure.message).toMatch(/^GET http:\/\/nowhere.invalid\/v1: /)
  })

  test('29 a closed port', async () => {
    const server = await startRawServer(() => {})
    await server[Symbol.asyncDispose]()
    expect(await failureOf(get(server.origin))).toMatchObject({ kind: 'transient', code: 'ECONNREFUSED' })
  })

  test('31 a reset before headers, after them, and in the middle of the body', async () => {
    const starts = [
      '',
      'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"a":',
    ]
    await using server = await startRawServer((socket, n) => {
      socket.write(starts[n - 1] ?? '', () => setTimeout(() => socket.resetAndDestroy(), 10))
    })
    for (const _ of starts) {
      expect(await failureOf(get(server.origin))).toMatchObject({ kind: 'transient', code: 'ECONNRESET' })
    }
  })

  test('37 an answer without end is stopped at the limit, not read on', async () => {
    let sent = 0
    await using server = await startRawServer(socket => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const chunk = ' '.repeat(65_536)
      const more = (): void => {
        if (socket.destroyed) return
        sent += chunk.length
        socket.write(chunk, more)
      }
      more()
    })
    const failure = await failureOf(get(server.origin, { deadlineMs: 10_000 }))
    expect(failure).toMatchObject({ kind: 'unreadable', code: 'too-large' })
    expect(failure.message).toContain('1048576 bytes')
    expect(sent).toBeLessThan(32 * 2 ** 20)
  })

  test.each(['301 Moved', '302 Found', '307 Temporary', '308 Permanent'])(
    '41 %s is not followed',
    async status => {
      await using other = await startRawServer(socket => socket.end(http('{}')))
      await using server = await startRawServer(socket =>
        socket.end(
          http('', { location: `${other.origin}/?access_token=${encodeURIComponent(TOKEN)}` }, status),
        ),
      )
      const failure = await failureOf(get(server.origin, { headers: { authorization: `Bearer ${TOKEN}` } }))
      expect(failure).toMatchObject({ kind: 'rejected', code: 'redirect' })
      expect(failure.message).toContain(`(${status.slice(0, 3)}) to ${other.origin}/?access_token=***`)
      expect(other.requests).toEqual([])
    },
  )

  test('304 is an answer', async () => {
    await using server = await startRawServer(socket => socket.end('HTTP/1.1 304 Not Modified\r\n\r\n'))
    expect((await get(server.origin)).status).toBe(304)
  })

  test.each([
    ['no answer', () => {}],
    ['headers without end', socket => socket.write('HTTP/1.1 200 OK\r\n')],
    [
      'a body that drips',
      async socket => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        while (!socket.destroyed) {
          socket.write(' ')
          await delay(20)
        }
      },
    ],
  ] satisfies [string, Parameters<typeof startRawServer>[0]][])(
    '42 %s ends at the deadline',
    async (_, speak) => {
      await using server = await startRawServer(speak)
      expect(await failureOf(get(server.origin))).toMatchObject({ kind: 'transient', code: 'timeout' })
    },
  )

  test.each([
    ['an address that is none', 'nonsense', {}],
    ['a header that cannot be sent', 'http://127.0.0.1:9', { authorization: 'Bearer a\nb' }],
  ])('%s is rejected, not tried again', async (_, url, headers) => {
    expect(await failureOf(get(url, { headers }))).toMatchObject({ kind: 'rejected' })
  })
})

describe('the caller', () => {
  test('ends a call by its signal, and gets the reason back', async () => {
    await using server = await startRawServer(() => {})
    const controller = new AbortController()
    const call = client.send({ method: 'GET', url: server.origin, deadlineMs: 60_000 }, controller.signal)
    await expect.poll(() => server.requests.length).toBe(1)
    const reason = new Error('lease lost')
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    await expect(client.send({ method: 'GET', url: server.origin }, controller.signal)).rejects.toBe(reason)
    expect(server.requests).toHaveLength(1)
  })

  test('has at most so many connections; a call given up while it waits for one is never sent', async () => {
    const narrow = openHttp({ redactor, clock, connections: 1 })
    let answer = () => {}
    await using server = await startRawServer(socket => {
      answer = () => void socket.write(http('{}'))
    })
    const first = narrow.send({ method: 'GET', url: `${server.origin}/first` }, never)
    await expect.poll(() => server.requests.length).toBe(1)
    const second = narrow.send({ method: 'GET', url: `${server.origin}/second`, deadlineMs: 50 }, never)
    expect(await failureOf(second)).toMatchObject({ code: 'timeout' })
    answer()
    expect((await first).status).toBe(200)
    const third = narrow.send({ method: 'GET', url: `${server.origin}/third` }, never)
    await expect.poll(() => server.requests.length).toBe(2)
    answer()
    await third
    expect(server.requests[1]).toContain('/third')
    await narrow.close()
  })

  test('closes at once, calls in flight fail', async () => {
    const own = openHttp({ redactor, clock })
    await using server = await startRawServer(() => {})
    const call = own.send({ method: 'GET', url: server.origin }, never)
    const failure = failureOf(call)
    await expect.poll(() => server.requests.length).toBe(1)
    await own.close()
    expect(await failure).toMatchObject({ kind: 'transient' })
  })
})
