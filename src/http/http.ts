import type { Instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'

/** One call. Secrets may stand in `url`, `headers` and `body`: none of them is ever logged or stored as it is. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From sending to the last byte, in milliseconds; 30 s unless said. */
  readonly deadlineMs?: number
  /** Of its answer, on the wire and decoded; the client's own limit unless said. */
  readonly maxBytes?: number
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The decoded body, known secrets replaced. */
  readonly text: string
  readonly receivedAt: Instant
  /** The body through the exact decoder; throws a transient FaultError where it is not JSON. Decoded once. */
  json(): Json
}

/** The one way out. Throws a FaultError where no whole answer came; any status is an answer. */
export interface Http {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>
}
