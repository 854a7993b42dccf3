import type { SandboxAnswer } from '../../../sandbox.ts'
import { hash32 } from '../../../seeded.ts'
import { type Wire, writeJson } from './write-json.ts'

/** An answer that is an error: thrown by whoever finds out (docs/networks/tiktok.md §6). */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string
  /** True where the body also has an empty `data`; both forms are seen. */
  readonly withData: boolean
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, withData = false, headers = {}) {
    super(message)
    this.status = status
    this.code = code
    this.withData = withData
    this.headers = headers
  }
}

/** 400 `invalid_params`, what nearly every wrong request gets. */
export const invalid = (message: string): Refusal => new Refusal(400, 'invalid_params', message)

/** The message of a place that is refused, for a while or for good (docs/networks/tiktok.md §6). */
export const INVALID_CURSOR = 'Invalid count or cursor'

/** Fourteen digits of time and twenty of chance. */
export const logId = (seconds: number, ...key: readonly (string | number)[]): string => {
  const stamp = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
  const noise = [0, 1, 2]
    .map(part =>
      hash32(...key, part)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('')
  return (stamp + noise.slice(0, 20)).toUpperCase()
}

/** A JSON answer; `order` decides the order of its keys. */
export const jsonAnswer = (status: number, value: Wire, order: number): SandboxAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: writeJson(value, order),
})
