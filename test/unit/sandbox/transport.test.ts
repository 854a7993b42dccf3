import { afterAll, expect, test } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import { openHttp } from '../../../src/http/client.ts'
import { Redactor } from '../../../src/http/redact.ts'
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
