/** What one client may ask of the server, in bytes, milliseconds and calls. */
export interface ServerLimits {
  /** A request's body. */
  readonly body: number
  /** A request's line and headers; Node answers 431 beyond. */
  readonly head: number
  /** From the first byte of a request to the last of its headers, and of its body; Node answers 408 beyond. */
  readonly headMs: number
  readonly requestMs: number
  /** A connection on which nothing moves. */
  readonly idleMs: number
  readonly connections: number
  /** Requests of one address in a minute. */
  readonly perMinute: number
  /** Requests of one address in a minute with a wrong token or none. */
  readonly refusedPerMinute: number
}

export const LIMITS: ServerLimits = {
  body: 1_048_576,
  head: 16_384,
  headMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
  connections: 256,
  perMinute: 120_000,
  refusedPerMinute: 120,
}
