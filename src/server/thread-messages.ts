import type { OpenSandbox } from '../app/open-toolbox.ts'
import type { Order } from '../app/orders.ts'
import type { EngineEvent } from '../core/events.ts'

/** What a run's thread is given. */
export interface ThreadTask {
  readonly order: Order
  /** The flags of `serve`, by the names of the settings. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly sandbox: OpenSandbox | null
}

/** `stop`: no further page is begun. `kill`: calls in flight are cut off as well. */
export type ToThread = 'stop' | 'kill'

export type FromThread =
  | { readonly is: 'events'; readonly events: readonly EngineEvent[] }
  /** False = it was stopped before its end. */
  | { readonly is: 'ended'; readonly whole: boolean }
  /** `message` is for the log and holds no secret; `known` = it is an error of a user or of the file, and no bug. */
  | { readonly is: 'failed'; readonly errorType: string; readonly message: string; readonly known: boolean }
