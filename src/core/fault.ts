import type { Reason } from './task.ts'

/**
 * What went wrong, as the network tells it. `askerAdvice` = the same refusal would come where our own set-up is wrong:
 * where the first three targets meet it and none is let through, this is what to set (docs/design.md §5.15). What follows is the engine's to decide (`engine/disposition.ts`).
 * `code` is the network's own word for it (`190/463`, `quotaExceeded`, `ECONNRESET`). Times are epoch milliseconds.
 */
export type Fault =
  /**
   * May pass by itself. `tries` and `waitMs` where the network is known to want its own; `spare` = where few tries are
   * to be made, so many of them are kept for asking in another way; `then` = what it is once the tries are used up;
   * `isAsker` = it keeps the credential from being used at all, whatever was asked.
   */
  | {
      readonly kind: 'transient'
      readonly code: string
      readonly tries?: number
      readonly spare?: number
      readonly isAsker?: true
      readonly waitMs?: number
      readonly then?: Fault
    }
  /** Too many calls just now. `until` null = the network gave no time. */
  | {
      readonly kind: 'rate-limited'
      readonly code: string
      readonly pool: string
      readonly until: number | null
    }
  /** The allowance of an hour or a day is used up. `until` null = the end of the pool's own window. */
  | {
      readonly kind: 'quota-exhausted'
      readonly code: string
      readonly pool: string
      readonly until: number | null
    }
  /** This credential is dead: a person must renew it. */
  | { readonly kind: 'unauthorised'; readonly code: string }
  /** The set-up is wrong (a permission, an approval, an id, the key's own restrictions): `advice` says what to set. */
  | { readonly kind: 'misconfigured'; readonly code: string; readonly advice: string }
  /** The thing exists and is not for us. */
  | {
      readonly kind: 'forbidden'
      readonly code: string
      readonly reason: Reason
      readonly askerAdvice?: string
    }
  | {
      readonly kind: 'not-found'
      readonly code: string
      readonly reason: Reason
      readonly askerAdvice?: string
    }
  /** The network does not offer this at all. */
  | { readonly kind: 'unsupported'; readonly code: string; readonly reason: Reason }
  /** The page's place is no longer taken. `then` = what it is where that happens again after the walk began anew. */
  | { readonly kind: 'cursor-expired'; readonly code: string; readonly then?: Fault }
  /** The network calls our request wrong. Never tried again. */
  | { readonly kind: 'rejected'; readonly code: string }
  /** An answer came that cannot be read. */
  | { readonly kind: 'unreadable'; readonly code: string }

/** A fault on its way from a network to the engine. The message is for people and holds no secret. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly fault: Fault
  constructor(fault: Fault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

type Passing = Extract<Fault, { readonly kind: 'transient' }>

/** A fault that may pass, with what is told besides; any other, and one of which nothing more is told, as it is. */
export const amendPassing = (error: unknown, besides: (fault: Passing) => Partial<Passing>): unknown => {
  if (!(error instanceof FaultError) || error.fault.kind !== 'transient') return error
  const more = besides(error.fault)
  if (Object.keys(more).length === 0) return error
  return new FaultError({ ...error.fault, ...more }, error.message, { cause: error })
}
