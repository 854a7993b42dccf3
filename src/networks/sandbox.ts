import type { Json } from '../core/json.ts'
import type { SocialRecord } from '../core/records.ts'

/** A network's stand-in: answers as the real API does, from a world that a seed decides. Hosted by `src/sandbox`. */
export interface NetworkSandbox {
  readonly network: string
  /** Whether a request is for this network; told apart by path (and, where paths are shared, by its token). */
  owns(request: SandboxRequest): boolean
  answer(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer>
  /** Environment variables that let socsync in: invented, fixed, worthless elsewhere. */
  readonly credentials: Readonly<Record<string, string>>
  /** The profiles there are, as keys of an id list. */
  entities(): Iterable<string>
  /** Some of what else lists may name and no profile's truth holds, by the same keys: playlists. Left out = there is none. */
  collections?(): Iterable<string>
  /**
   * What a perfect sync of a profile stores at this moment, written from the world and not from the wire: in
   * core's words, profile first, then each post with its media and comments. Only what `credentials` may see.
   */
  truth(entityId: string): Iterable<SocialRecord>
  /** Units used by owner and pool since the pool's window began, to hold our ledger against. */
  quota(): readonly { readonly owner: string; readonly pool: string; readonly used: number }[]
}

/** The moment, epoch milliseconds, at which the still worlds of all sandboxes stand. */
export const WORLD_STANDS_AT = Date.UTC(2026, 9, 1)

export type OpenSandbox = (options: SandboxOptions) => NetworkSandbox

export interface SandboxOptions {
  /** Same seed, same bytes. */
  readonly seed: number
  readonly size: 'small' | 'medium' | 'large'
  /** Epoch milliseconds by the sandbox's movable clock. */
  now(): number
  /** `http://127.0.0.1:8377`: what absolute addresses in answers begin with. */
  readonly origin: string
  /** False: nothing changes after the world's first moment. True: posts, edits, deletions and counters follow the clock. */
  readonly moving: boolean
  readonly switches: Switches
}

/** Faults and open questions of the fact sheets, switched on from outside (`POST /sandbox/switches`). */
export interface Switches {
  /**
   * The value of a switch of this network that is on for this request, or undefined; taking counts one use.
   * A switch may be bound to what the path, query and body hold, skip its first uses, and end after some.
   */
  take(name: string, request: SandboxRequest): Json | undefined
  /** The same without counting a use: for lasting traits (`comment-cap`). */
  peek(name: string): Json | undefined
}

export interface SandboxRequest {
  readonly method: string
  /** Path as sent, still encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SandboxAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}
