import type { OpenSandbox } from '../app/open-toolbox.ts'
import type { Order } from '../app/run/run-queue.ts'
import type { TransformOutcome } from '../app/transform.ts'
import type { EngineEvent } from '../core/events.ts'

/** What a thread is given. */
export interface ThreadTask {
  readonly work: Work
  /** The flags of `serve`, by the names of the settings. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly sandbox: OpenSandbox | null
}

/** A run, or a transform that is worked on until nothing of it is open. */
export type Work =
  | { readonly type: 'run'; readonly order: Order }
  | { readonly type: 'transform'; readonly transform: string }

/** `stop`: no further page is begun. `kill`: calls in flight are cut off as well. */
export type ToThread = 'stop' | 'kill'

export type FromThread =
  | { readonly type: 'events'; readonly events: readonly EngineEvent[] }
  /** A key of pseudonyms was made in this file. */
  | { readonly type: 'key-made'; readonly file: string }
  | ThreadEnd

export type ThreadEnd =
  /** False = it was stopped before its end. `stops`: why a transform's service is asked no more for now. */
  | { readonly type: 'ended'; readonly whole: boolean; readonly stops: TransformOutcome['stops'] }
  /** `message` is for the log and holds no secret; `known` = it is an error of a user or of the file, and no bug. */
  | { readonly type: 'failed'; readonly errorType: string; readonly message: string; readonly known: boolean }
