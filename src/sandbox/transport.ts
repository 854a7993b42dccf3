import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { timerLength } from '../core/clock.ts'
import type { Json } from '../core/json.ts'
import type { SandboxAnswer, SandboxRequest, Switches } from '../networks/sandbox.ts'
import { emptied, readBreak, refusalOf } from './break.ts'

/** One request on its way to an answer, as a transport fault sees it. */
interface Exchange {
  readonly response: ServerResponse
  /** Has the network answer. Each time is a request of its own to it. */
  answer(): Promise<SandboxAnswer>
  /** Sends an answer as it is meant to arrive. */
  send(answer: SandboxAnswer): Promise<void>
}

/** What goes wrong between the network and us, whatever the network: docs/faults.md §1.2. */
type TransportFault = (exchange: Exchange, value: Json) => Promise<void> | void

/**
 * By name. `value` is the switch's: milliseconds, bytes, an address, or nothing. A fault that calls `answer` lets
 * the network see, and charge, the request; one that does not happens before the network.
 */
const TRANSPORT_FAULTS: Readonly<Record<string, TransportFault>> = {
  /** One call in the way that `value` says (`break.ts`): what lasts is found by what follows from it, not by its form. */
  break: async (exchange, value) => {
    const broken = readBreak(value)
    if (broken.way === 'cut') await cut(exchange)
    else if (broken.way === 'empty') await exchange.send(emptied(await exchange.answer()))
    else await exchange.send(refusalOf(broken))
  },
  /** Another answer: `503`, or `{ status, headers, body }` with a text or JSON body. */
  status: ({ send }, value) => send(statusAnswer(value)),
  /** The connection is reset before any header. */
  reset: ({ response }) => reset(response),
  /** The network did the work, its answer is lost. */
  lost: async ({ response, answer }) => {
    await answer()
    reset(response)
  },
  /** The network gets the request twice, as when a proxy repeats it; the second answer arrives. */
  twice: async ({ answer, send }) => {
    await answer()
    await send(await answer())
  },
  /** Reset in the middle of the body. */
  cut: exchange => cut(exchange),
  /** Closed in order, but before the promised length. */
  short: async exchange => {
    await sendHalf(exchange, 'whole')
    exchange.response.destroy()
  },
  /** Half of the body, and a content-length that says that this is all. */
  truncate: async exchange => {
    await sendHalf(exchange, 'half')
    exchange.response.end()
  },
  /** Half of a gzip stream, ended in order. */
  'gzip-cut': async ({ response, answer }) => {
    const { body } = await answer()
    const packed = gzipSync(body)
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    response.end(packed.subarray(0, packed.length / 2))
  },
  /** Says gzip, is plain. */
  'gzip-plain': async ({ response, answer }) => {
    const { body } = await answer()
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    response.end(body)
  },
  /** `value` bytes (200 MiB) of spaces in a gzip stream of a thousandth of that. */
  'gzip-bomb': async ({ response }, value) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    await pipeline(spaces(numberOr(value, 200 * MIB)), createGzip(), response)
  },
  /** `value` bytes (64 MiB) of spaces. */
  huge: async ({ response }, value) => {
    response.writeHead(200, JSON_TYPE)
    await pipeline(spaces(numberOr(value, 64 * MIB)), response)
  },
  /** A login page of a proxy. */
  html: ({ send }) => send({ status: 200, headers: HTML_TYPE, body: LOGIN_PAGE }),
  'html-502': ({ send }) => send({ status: 502, headers: HTML_TYPE, body: BAD_GATEWAY }),
  /** Never answers, until the other side gives up. */
  hang: () => {},
  /** Answers after `value` milliseconds (1,000), by the real clock. */
  slow: async ({ answer, send }, value) => {
    await delay(timerLength(numberOr(value, 1000)))
    await send(await answer())
  },
  /** A byte every `value` milliseconds (100), by the real clock. */
  drip: async ({ response, answer }, value) => {
    const { body } = await answer()
    response.writeHead(200, JSON_TYPE)
    for (const byte of Buffer.from(body)) {
      if (response.destroyed) return
      response.write(Uint8Array.of(byte))
      await delay(timerLength(numberOr(value, 100)))
    }
    response.end()
  },
  /** To the address `value`. */
  redirect: ({ send }, value) =>
    send({ status: 302, headers: { location: typeof value === 'string' ? value : '/' }, body: '' }),
  empty: ({ send }) => send({ status: 200, headers: JSON_TYPE, body: '' }),
  'no-content': ({ send }) => send({ status: 204, body: '' }),
  /** Something that is no HTTP. */
  garbage: ({ response }) => {
    response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n')
  },
  /** Headers of `value` bytes (64 KiB). */
  'huge-headers': ({ send }, value) =>
    send({ status: 200, headers: { 'x-padding': 'x'.repeat(numberOr(value, 65_536)) }, body: '{}' }),
  /** The right answer, called text. */
  'wrong-type': async ({ answer, send }) => {
    const right = await answer()
    await send({ ...right, headers: { ...right.headers, 'content-type': 'text/plain' } })
  },
  'not-json': ({ send }) => send({ status: 200, headers: JSON_TYPE, body: 'upstream connect error' }),
  /** Lists in lists, `value` levels (100,000). */
  deep: ({ send }, value) => {
    const levels = numberOr(value, 100_000)
    return send({ status: 200, headers: JSON_TYPE, body: '['.repeat(levels) + ']'.repeat(levels) })
  },
}

/** The first fault that is on for this request; taking it counts one use. */
export const takeFault = (
  switches: Switches,
  request: SandboxRequest,
): { readonly name: string; readonly inflict: TransportFault; readonly value: Json } | null => {
  for (const [name, inflict] of Object.entries(TRANSPORT_FAULTS)) {
    const value = switches.take(name, request)
    if (value !== undefined) return { name, inflict, value }
  }
  return null
}

const MIB = 2 ** 20
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' }
const LOGIN_PAGE =
  '<!doctype html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>'
const BAD_GATEWAY = '<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>'

const numberOr = (value: Json, otherwise: number): number => (typeof value === 'number' ? value : otherwise)

const reset = (response: ServerResponse): void => {
  response.socket?.resetAndDestroy()
}

/** The head and half of the body, written out; the content-length is that of the whole body or of the half. */
const sendHalf = async ({ response, answer }: Exchange, says: 'whole' | 'half'): Promise<void> => {
  const { status, headers, body } = await answer()
  const whole = Buffer.from(body)
  const half = whole.subarray(0, whole.length / 2)
  const length = says === 'whole' ? whole.length : half.length
  response.writeHead(status, { ...JSON_TYPE, ...headers, 'content-length': length })
  await new Promise(resolve => response.write(half, resolve))
}

const cut = async (exchange: Exchange): Promise<void> => {
  await sendHalf(exchange, 'whole')
  reset(exchange.response)
}

const SPACES = Buffer.alloc(MIB, ' ')

function* spaces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= MIB) yield SPACES.subarray(0, left)
}

const statusAnswer = (value: Json): SandboxAnswer => {
  const given = typeof value === 'object' && value !== null && 'status' in value ? value : { status: value }
  const { status, headers, body = '' } = given
  return {
    status: numberOr(status ?? 503, 503),
    headers: { ...JSON_TYPE, ...(headers as Record<string, string> | undefined) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}
