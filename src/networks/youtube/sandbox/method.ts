import type { JsonObject } from '../../../core/json.ts'
import type { SandboxRequest, Switches } from '../../sandbox.ts'
import type { Caller } from './access.ts'
import type { Selection } from './fields.ts'
import type { PoolName } from './ledger.ts'
import type { World } from './world/world.ts'

/** One method of the API: what it takes (docs/networks/youtube.md §3), and what it answers. */
export interface Method {
  /** After `/youtube/v3/`. */
  readonly path: string
  readonly pool: PoolName
  readonly parts: readonly string[]
  /** Parts that only the owner may ask for. */
  readonly ownerParts?: readonly string[]
  /** Exactly one of them is to be given. */
  readonly filters: readonly string[]
  /** True: none of the filters is fine too. */
  readonly filterOptional?: true
  readonly parameters: readonly string[]
  /** Null = the method has no pages. */
  readonly pageSize: { readonly least: number; readonly most: number; readonly usual: number } | null
  /** Comments are not for readonly tokens, although any API key will do (docs/networks/youtube.md §1). */
  readonly needsForceSsl?: true
  readonly schema: Selection
  /** The envelope without its etag. */
  answer(call: Call): Envelope
}

/** `items` is missing where a method says so instead of being empty. */
export type Envelope = JsonObject & { readonly kind: string; readonly items?: readonly JsonObject[] }

/** A request that was found valid. */
export interface Call {
  readonly world: World
  readonly caller: Caller
  readonly request: SandboxRequest
  readonly switches: Switches
  readonly parts: ReadonlySet<string>
  readonly filter: string | null
  /** Of the filter: comma list and repeated keys are one. */
  readonly values: readonly string[]
  /** The filter's only value. */
  readonly value: string
  readonly pageSize: number
  /** A parameter that was given and is not empty. */
  one(name: string): string | null
}
