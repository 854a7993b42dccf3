import { afterAll, describe, expect, test } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import { openHttp } from '../../../src/http/client.ts'
import { Redactor } from '../../../src/http/redact.ts'
import { emptied } from '../../../src/sandbox/break.ts'
import { startSandbox } from '../../support/sandbox.ts'
import { openTiny } from '../../support/tiny-network.ts'

const clock = { now: Date.now, sleep: async () => {} }
const client = openHttp({ redactor: new Redactor(), clock, deadlineMs: 2000 })
afterAll(() => client.close())
const signal = new AbortController().signal

/** What the client makes of a network's answer: `status id`, or the code of the fault. */
const outcome = async (url: string, deadlineMs = 2000): Promise<string> => {
  try {
    const answer = await client.send({ method: 'GET', url, deadlineMs }, signal)
    if (answer.status >= 400) return `${answer.status} ${answer.text}`
    return `${answer.status} ${(answer.json() as { id: string }).id}`
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    return error.fault.code
  }
}

test.each([
  // switch, its value, what the client sees, how often the network was asked
  ['status', 503, '503 ', 0],
  ['status', { status: 429, headers: { 'retry-after': '7' }, body: { error: 1 } }, '429 {"error":1}', 0],
  ['break', { way: '5xx' }, '500 {"error":{"message":"This call is broken."}}', 0],
  ['break', { way: '4xx', status: 418, body: { error: { code: 7 } } }, '418 {"error":{"code":7}}', 0],
  ['break', { way: 'cut' }, 'ECONNRESET', 1],
  ['break', { way: 'empty' }, '200 undefined', 1],
  ['reset', true, 'ECONNRESET', 0],
  ['lost', true, 'ECONNRESET', 1],
  ['twice', true, '200 ann', 2],
  ['cut', true, 'ECONNRESET', 1],
  ['short', true, 'truncated', 1],
  ['truncate', true, 'not-json', 1],
  ['gzip-cut', true, 'truncated', 1],
  ['gzip-plain', true, 'Z_DATA_ERROR', 1],
  ['gzip-bomb', true, 'too-large', 0],
  ['huge', true, 'too-large', 0],
  ['huge', 1000, 'empty', 0],
  ['html', true, 'html', 0],
  [
    'html-502',
    true,
    '502 <html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>',
    0,
  ],
  ['hang', true, 'timeout', 0],
  ['slow', 20, '200 ann', 1],
  ['drip', 50, 'timeout', 1],
  ['redirect', 'https://elsewhere.test/', 'redirect', 0],
  ['empty', true, 'empty', 0],
  ['no-content', true, 'empty', 0],
  ['garbage', true, 'HTTPParserError', 0],
  ['huge-headers', true, 'UND_ERR_HEADERS_OVERFLOW', 0],
  ['wrong-type', true, '200 ann', 1],
  ['not-json', true, 'not-json', 0],
  ['deep', true, 'too-deep', 0],
] as const)('%s %j', async (name, value, seen, asked) => {
  await using sandbox = await startSandbox({ openers: { tiny: openTiny } })
  sandbox.setSwitch(name, { value, times: 1 })
  const url = `${sandbox.origin}/tiny/ann`
  const waits = seen === 'timeout' ? 150 : 5000
  expect(await outcome(url, waits)).toBe(seen)
  expect(sandbox.sandboxes.get('tiny')?.quota()[0]?.used).toBe(asked)
  expect(sandbox.log.calls[0]).toMatchObject({ network: 'tiny', fault: name })

  expect(await outcome(url)).toBe('200 ann')
  expect(sandbox.log.calls[1]).toMatchObject({ fault: null, status: 200 })
  expect(sandbox.log.errors).toEqual([])
  await expect.poll(() => sandbox.log.counts().tiny?.inFlight).toBe(0)
})

describe('an answer without its content', () => {
  const good = (body: object) => ({ status: 200, headers: { 'x-used': '3' }, body: JSON.stringify(body) })

  test.each([
    [
      'a list of YouTube',
      {
        kind: 'youtube#playlistItemListResponse',
        etag: 'e1',
        nextPageToken: 'EAAa',
        items: [{ kind: 'youtube#playlistItem', id: 'a' }],
        pageInfo: { totalResults: 137, resultsPerPage: 50 },
      },
      { kind: 'youtube#playlistItemListResponse', etag: 'e1', items: [] },
    ],
    [
      'a list of the Graph API',
      { data: [{ id: '1' }], paging: { cursors: { after: 'b' }, next: 'https://x/' } },
      { data: [] },
    ],
    ['a node', { id: '1', username: 'ann', media_count: 3 }, {}],
    [
      'a list in a node',
      { business_discovery: { media: { data: [{ id: '1' }], paging: {} }, id: '2' }, id: '3' },
      { business_discovery: { media: { data: [] } } },
    ],
    [
      'a profile of TikTok',
      { data: { display_name: 'A', video_count: 312 }, error: { code: 'ok', message: '', log_id: '20' } },
      { data: {}, error: { code: 'ok', message: '', log_id: '20' } },
    ],
    [
      'a list of TikTok',
      { data: { videos: [{ id: 1 }], cursor: 100, has_more: true, search_id: '7' }, error: { code: 'ok' } },
      { data: { videos: [], has_more: false }, error: { code: 'ok' } },
    ],
    ['a token', { access_token: 't', expires_in: 3600 }, {}],
  ])('%s', (_, body, left) => {
    const answer = emptied(good(body))
    expect({ ...answer, body: JSON.parse(answer.body) }).toEqual({ ...good(body), body: left })
  })

  test('a refusal keeps what it says', () => {
    const refusal = { status: 404, body: '{"error":{"errors":[{"reason":"playlistNotFound"}]}}' }
    expect(emptied(refusal)).toEqual(refusal)
  })
})
