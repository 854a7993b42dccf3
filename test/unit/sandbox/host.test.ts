import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { BadInput } from '../../../src/core/errors.ts'
import { openSandboxHost } from '../../../src/sandbox/host.ts'
import type { Match } from '../../../src/sandbox/switches.ts'
import { tempFolder } from '../../support/cli.ts'
import { START, startSandbox } from '../../support/sandbox.ts'
import { openTiny } from '../../support/tiny-network.ts'

const openers = { tiny: openTiny }
const json = async <T>(response: Response): Promise<T> => (await response.json()) as T
const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) })

test('dispatches to the network that owns the path, with seed, clock and origin', async () => {
  await using sandbox = await startSandbox({ openers, seed: 7 })
  const answer = await fetch(`${sandbox.origin}/tiny/ann?x=1`)
  expect(answer.headers.get('x-used')).toBe('1')
  const next = `${sandbox.origin}/tiny/ann?after=1`
  expect(await answer.json()).toMatchObject({ id: 'ann', seed: 7, now: START, next })
  expect((await fetch(`${sandbox.origin}/other`)).status).toBe(404)
  expect(sandbox.log.calls.map(({ network, path, status }) => [network, path, status])).toEqual([
    ['tiny', '/tiny/ann', 200],
    [null, '/other', 404],
  ])
})

test('the environment lets socsync in', async () => {
  await using sandbox = await startSandbox({ openers })
  expect(sandbox.environment).toEqual({
    SOCSYNC_TINY_KEY: 'tiny-key-0001',
    SOCSYNC_TINY_BASE_URL: sandbox.origin,
  })
  expect(sandbox.env.SOCSYNC_CLOCK).toBe(sandbox.origin)
})

test('the clock stands, is set, moved and reached by the control path', async () => {
  await using sandbox = await startSandbox({ openers })
  const clock = `${sandbox.origin}/sandbox/clock`
  const now = async (response: Response) => (await json<{ now: number }>(response)).now - START
  expect(await now(await fetch(clock))).toBe(0)
  expect(await now(await post(clock, { advance_ms: 5000 }))).toBe(5000)
  expect(await now(await post(clock, { until: START + 9000 }))).toBe(9000)
  expect(await now(await post(clock, { until: START + 1000 }))).toBe(9000)
  expect(await now(await post(clock, { now: START - 1 }))).toBe(-1)
  expect((await post(clock, { later: 5 })).status).toBe(400)
  expect((await post(clock, { advance_ms: 'x' })).status).toBe(400)
})

test('a ticking clock goes on by itself', async () => {
  await using sandbox = await startSandbox({ openers, ticking: true })
  const before = sandbox.clock.now()
  await expect.poll(() => sandbox.clock.now()).toBeGreaterThan(before)
})

test('a switch is bound to a match, spares its first uses and ends', async () => {
  await using sandbox = await startSandbox({ openers })
  sandbox.setSwitch('refuse', { network: 'tiny', match: '/b?page=2', after: 1, times: 2 })
  const statuses: number[] = []
  for (const path of ['a?page=2', 'b?page=2', 'b?page=1', 'b?page=2', 'b?page=2', 'b?page=2']) {
    statuses.push((await fetch(`${sandbox.origin}/tiny/${path}`)).status)
  }
  expect(statuses).toEqual([200, 200, 200, 403, 403, 200])
})

test.each<[match: Match, ...touched: number[]]>([
  // of: a list's page one, its page two by a place that has to be encoded, the same asked with a body
  ['after(x)', 1, 2],
  ['after%28x%29', 1, 2],
  [['media', 'after('], 1, 2],
  [['media', 'nowhere']],
  [{ pattern: 'after\\(\\w\\)' }, 1, 2],
  [[{ pattern: '^/tiny/a\\?' }, 'media'], 0, 1, 2],
])('a switch is bound to all that %j names', async (match, ...touched) => {
  await using sandbox = await startSandbox({ openers })
  sandbox.setSwitch('refuse', { match })
  const query = (fields: string) => `${sandbox.origin}/tiny/a?fields=${encodeURIComponent(fields)}`
  const answers = [
    await fetch(query('media.limit(5)')),
    await fetch(query('media.after(x)')),
    await post(query('media.after(x)'), { cursor: 100 }),
  ]
  expect(answers.flatMap(({ status }, at) => (status === 403 ? [at] : []))).toEqual(touched)
})

test('a switch is bound to what the body holds', async () => {
  await using sandbox = await startSandbox({ openers })
  sandbox.setSwitch('refuse', { match: '/tiny/a', body: ['"of":"v"', { pattern: '"cursor":[1-9]' }] })
  const status = async (path: string, body: object) => (await post(`${sandbox.origin}${path}`, body)).status
  expect(await status('/tiny/a', { of: 'v', cursor: 100 })).toBe(403)
  expect(await status('/tiny/a', { of: 'v', cursor: 0 })).toBe(200)
  expect(await status('/tiny/a', { of: 'w', cursor: 100 })).toBe(200)
  expect(await status('/tiny/b', { of: 'v', cursor: 100 })).toBe(200)
})

test('a peeked switch is not used up, and one of another network is not seen', async () => {
  await using sandbox = await startSandbox({ openers })
  const cap = async () => (await json<{ cap: unknown }>(await fetch(`${sandbox.origin}/tiny/a`))).cap
  sandbox.setSwitch('cap', { network: 'other', value: 5 })
  expect(await cap()).toBeNull()
  sandbox.setSwitch('cap', { value: 100, times: 1 })
  expect([await cap(), await cap()]).toEqual([100, 100])
})

test('switches are listed, cleared by id and by name, and refused with the reason', async () => {
  await using sandbox = await startSandbox({ openers })
  const path = `${sandbox.origin}/sandbox/switches`
  const set = await json<{ id: number }[]>(
    await post(path, [{ name: 'a' }, { name: 'b' }, { name: 'b', times: 2 }]),
  )
  expect(set).toHaveLength(3)
  expect(await (await fetch(`${path}?id=${set[0]?.id}`, { method: 'DELETE' })).json()).toEqual({ cleared: 1 })
  expect(await (await fetch(`${path}?name=b`, { method: 'DELETE' })).json()).toEqual({ cleared: 2 })
  expect(await (await fetch(path)).json()).toEqual([])
  for (const [rule, reason] of [
    [{ nmae: 'a' }, 'nmae'],
    [{ name: 'a', times: 0 }, 'times'],
    [{ value: 1 }, 'has a name'],
    [{ name: 'a', match: [] }, 'match'],
    [{ name: 'a', body: { pattern: '(' } }, 'body'],
    [{ name: 'a', body: { pattern: 'x', flags: 'i' } }, 'body'],
    [{ name: 'break' }, 'has a way'],
    [{ name: 'break', value: { way: 'slowly' } }, 'way'],
    [{ name: 'break', value: { way: '5xx', status: 200 } }, 'status'],
    [{ name: 'break', value: { way: '5xx', satus: 503 } }, 'satus'],
    ['x', 'object'],
  ]) {
    const refused = await post(path, rule)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain(reason)
  }
})

test('rules come from a file, and a broken file is named', async () => {
  using folder = tempFolder()
  const faults = folder.file('faults.json')
  await writeFile(faults, '[{"name":"refuse"}]')
  await using sandbox = await startSandbox({ openers, faults })
  expect((await fetch(`${sandbox.origin}/tiny/a`)).status).toBe(403)
  await writeFile(faults, '[{"name":')
  await expect(startSandbox({ openers, faults })).rejects.toThrow(BadInput)
  await expect(startSandbox({ openers, faults: '/not/there' })).rejects.toThrow('/not/there')
})

test('the log hides secrets, keeps JSON bodies, and is emptied', async () => {
  await using sandbox = await startSandbox({ openers })
  await fetch(`${sandbox.origin}/tiny/a?access_token=S3CRET&fields=id%2Cname`)
  await fetch(`${sandbox.origin}/tiny/b`, {
    method: 'POST',
    body: new URLSearchParams({ client_secret: 'S3CRET', grant: 'x' }),
  })
  await fetch(`${sandbox.origin}/tiny/c`, { method: 'POST', body: '{"max_count":100}' })
  const text = await (await fetch(`${sandbox.origin}/sandbox/log`)).text()
  expect(text).not.toContain('S3CRET')
  expect(JSON.parse(text).calls).toMatchObject([
    { fields: { access_token: '***', fields: 'id,name' } },
    { fields: { client_secret: '***', grant: 'x' }, body: '' },
    { fields: {}, body: '{"max_count":100}' },
  ])
  await fetch(`${sandbox.origin}/sandbox/log`, { method: 'DELETE' })
  expect(sandbox.log.calls).toEqual([])
  expect(sandbox.log.counts().tiny?.calls).toBe(0)
})

test('counts calls by route, and how many were in flight at once', async () => {
  await using sandbox = await startSandbox({ openers })
  await Promise.all(['slow', 'slow', 'slow'].map(path => fetch(`${sandbox.origin}/tiny/${path}`)))
  await fetch(`${sandbox.origin}/tiny/17841400000000001?x`)
  await fetch(`${sandbox.origin}/tiny/17841400000000002?x`)
  expect(await (await fetch(`${sandbox.origin}/sandbox/calls`)).json()).toEqual({
    tiny: {
      calls: 5,
      routes: { 'GET /tiny/slow': 3, 'GET /tiny/:id': 2 },
      statuses: { 200: 5 },
      inFlight: 0,
      maxInFlight: 3,
    },
  })
  expect(await (await fetch(`${sandbox.origin}/sandbox/quota`)).json()).toEqual([
    { network: 'tiny', owner: 'tiny', pool: 'calls', used: 5 },
  ])
})

test('tells the truth and the profiles, line by line', async () => {
  await using sandbox = await startSandbox({ openers })
  const text = async (path: string) => (await fetch(`${sandbox.origin}/sandbox/${path}`)).text()
  expect(await text('entities/tiny')).toBe('one\ntwo\n')
  expect((await text('truth/tiny/%40one')).split('\n')).toEqual([
    '{"type":"profile","id":"@one"}',
    '{"type":"post","id":"9007199254740993","profileId":"@one"}',
    '',
  ])
  expect((await fetch(`${sandbox.origin}/sandbox/truth/nobody/x`)).status).toBe(404)
  expect((await fetch(`${sandbox.origin}/sandbox/truth/tiny/%E0%A4%A`)).status).toBe(400)
  expect(await text('')).toContain('/sandbox/truth/<network>')
})

test('packs a large answer for a client that takes gzip, and only then', async () => {
  await using sandbox = await startSandbox({ openers })
  const size = async (encoding: string) => {
    const answer = await fetch(`${sandbox.origin}/tiny/a?size=50`, {
      headers: { 'accept-encoding': encoding },
    })
    expect((await json<{ padding: string }>(answer)).padding).toHaveLength(50_000)
    return Number(answer.headers.get('content-length'))
  }
  expect(await size('br, gzip')).toBeLessThan(2000)
  expect(await size('identity')).toBeGreaterThan(50_000)
})

test('a bug of a network is a 500 with its stack, and is kept', async () => {
  await using sandbox = await startSandbox({ openers })
  const answer = await fetch(`${sandbox.origin}/tiny/bug`)
  expect(answer.status).toBe(500)
  expect((await json<{ error: { stack: string } }>(answer)).error.stack).toContain('tiny-network.ts')
  expect(sandbox.log.errors).toHaveLength(1)
  expect((await fetch(`${sandbox.origin}/tiny/a`)).status).toBe(200)
})

test.each([
  ['no HTTP', 'hello\r\n\r\n', '400'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', '400'],
  ['a path that is none', 'GET /%%% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '404'],
  ['an absolute address', 'GET http://x/tiny/a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '200'],
  [
    'a body too large',
    `POST /tiny/a HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n${' '.repeat(2e6)}`,
    '400',
  ],
])('a client that sends %s gets an answer', async (_, bytes, status) => {
  await using sandbox = await startSandbox({ openers })
  const { port } = new URL(sandbox.origin)
  const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1')
  socket.on('error', () => {})
  socket.write(bytes)
  const first = await new Promise<string>(resolve => socket.once('data', data => resolve(String(data))))
  socket.destroy()
  expect(first).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect((await fetch(`${sandbox.origin}/tiny/a`)).status).toBe(200)
  expect(sandbox.log.errors).toEqual([])
})

test('a client that leaves in the middle of its request is no bug of the sandbox', async () => {
  await using sandbox = await startSandbox({ openers })
  const socket = connect(Number(new URL(sandbox.origin).port), '127.0.0.1')
  socket.write('POST /tiny/a HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
  await new Promise(resolve => setTimeout(resolve, 20))
  socket.destroy()
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(sandbox.log.errors).toEqual([])
})

test('a taken port is said', async () => {
  await using sandbox = await startSandbox({ openers })
  const port = Number(new URL(sandbox.origin).port)
  await expect(openSandboxHost({ networks: [], port })).rejects.toThrow(`Port ${port} is taken.`)
})
