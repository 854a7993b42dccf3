import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { timerLength } from '../core/clock.ts'
import { tooLarge } from './body.ts'
import { timedOut } from './failure.ts'
import type { HttpRequest } from './http.ts'

/** An answer as it came over the wire. */
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Still encoded. */
  readonly body: Buffer
}

export interface Limits {
  /** On the wire. */
  readonly maxBytes: number
  /** From now to the last byte, waiting for a connection included. */
  readonly deadlineMs: number
}

/**
 * Sends one request and takes its answer whole. By undici's dispatch, without a stream in between: its chunks are
 * kept as they come. Rejects with what undici throws, a FaultError for a limit, or the reason of `signal`.
 */
export const exchange = (
  agent: Dispatcher,
  request: HttpRequest & { readonly headers: Readonly<Record<string, string>> },
  { maxBytes, deadlineMs }: Limits,
  signal: AbortSignal,
): Promise<Received> =>
  new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(request.url)
    let connection: Dispatcher.DispatchController | null = null
    let ended: { readonly reason: unknown } | null = null
    let answer: Omit<Received, 'body'> | null = null
    let length = 0
    const chunks: Buffer[] = []

    const finish = (): void => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', abort)
    }
    const fail = (reason: unknown): void => {
      if (ended) return
      ended = { reason }
      finish()
      connection?.abort(new Error('given up'))
      reject(reason)
    }
    const abort = (): void => fail(signal.reason)
    const deadline = setTimeout(() => fail(timedOut(deadlineMs)), timerLength(deadlineMs))
    signal.addEventListener('abort', abort, { once: true })

    agent.dispatch(
      {
        origin,
        path: pathname + search,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      {
        onRequestStart(controller) {
          connection = controller
          // Given up while it waited for a connection: it must not be sent, and not be paid for.
          if (ended) controller.abort(new Error('given up'))
        },
        onResponseStart(_, status, headers) {
          answer = { status, headers }
        },
        onResponseData(_, chunk) {
          length += chunk.length
          if (length > maxBytes) fail(tooLarge(maxBytes))
          else chunks.push(chunk)
        },
        onResponseEnd() {
          if (ended || !answer) return
          finish()
          const [first = Buffer.alloc(0)] = chunks
          resolve({ ...answer, body: chunks.length > 1 ? Buffer.concat(chunks, length) : first })
        },
        onResponseError(_, error) {
          fail(error)
        },
      },
    )
  })
