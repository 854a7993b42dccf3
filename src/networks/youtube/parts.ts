import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Evidence } from '../evidence.ts'
import type { Api, ListOptions, Method, Query } from './api.ts'

/** Whose credential asks, and what refusals taught about the API. */
export interface Learning {
  readonly account: string
  readonly evidence: Evidence
}

/** Parts of a resource; those that are optional once made whole calls answer 503 (docs/networks/youtube.md §5). */
export interface Parts {
  readonly always: readonly string[]
  readonly optional: readonly string[]
  /** Parameters that only the optional ones need. */
  readonly besides?: Query
  /** What is learned where the optional ones make a call fail: shown to people as it is. */
  readonly fact: string
}

const OUTAGES_BLAMED_ON_PARTS = 2
/** Refusals of a part, or of a parameter beside it (docs/networks/youtube.md §9). */
const REFUSED = ['unknownPart', 'invalidParameter', 'unexpectedParameter']

/** Asks about resources by what `filter` says; `subject` = what a refusal of the optional parts is noted for. */
export type AskByParts = (
  ctx: CallContext,
  subject: string,
  filter: Query,
  options?: ListOptions,
) => Promise<RawPart>

export const openAskByParts =
  (api: Api, method: Method, { account, evidence }: Learning, parts: Parts): AskByParts =>
  async (ctx, subject, filter, options) => {
    const wary = evidence.holds(account, parts.fact)
    let leftOut = wary
    const less = (): Query => ({ part: parts.always.join(','), ...filter })
    const more = (): Query => ({
      part: [...parts.always, ...parts.optional].join(','),
      ...filter,
      ...parts.besides,
    })
    const query = (outages: number): Query => {
      leftOut = wary || outages >= OUTAGES_BLAMED_ON_PARTS
      return leftOut ? less() : more()
    }
    const told = await api.list(ctx, method, query, wary ? options : { ...options, tolerated: REFUSED })
    const isRefused = told.status !== 200
    if (isRefused) leftOut = true
    const part = isRefused ? await api.list(ctx, method, less, options) : told
    if (!leftOut) evidence.accepted(account, parts.fact)
    else if (!wary) evidence.refused(account, parts.fact, subject)
    return part
  }
