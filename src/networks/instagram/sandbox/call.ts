import * as errors from './errors.ts'
import type { Option } from './options.ts'
import type { Capability, Grant, Host } from './tokens.ts'
import type { World } from './world/world.ts'

/** One Graph call under way: who asks, of which world, and how answers are addressed. */
export interface Call {
  readonly world: World
  /** The time of tokens, limits and signatures; epoch milliseconds. */
  readonly now: number
  readonly host: Host
  readonly grant: Grant
  /** What the addresses of next pages begin with: origin and version. */
  readonly base: string
  /** The request's parameters, to be repeated there. */
  readonly params: URLSearchParams
  readonly option: Option
  /** Fields that discovery refuses besides those it always does. */
  readonly refuses: ReadonlySet<string>
  /** A signed address of a picture or film; another one at each read (docs/networks/instagram.md §4). */
  sign(id: string, what: 'picture' | 'film'): string
  /** Throws what the switches `fault` and `refuses` have for a request that is not made by itself but within this one. */
  refuse(path: string, query: Readonly<Record<string, string>>): void
  /** Notes so many objects of the answer; more than an answer may hold is error 1. */
  weigh(objects: number): void
}

/** Error 10 unless the token may do this. */
export const demand = (call: Call, capability: Capability): void => {
  if (call.grant.lacks.includes(capability)) throw errors.noPermission()
}
