import type { Instant } from '../../../core/instant.ts'
import type { Params } from '../../../core/params.ts'

/** An entry of an uploads playlist; private ones have no date. */
export interface Upload {
  readonly id: string
  readonly publishedAt: Instant | null
}

/** How long a video may have waited, uploaded and private, before it was published (docs/networks/youtube.md §10). */
export const OVERLAP_MS = 30 * 86_400_000

/** Whether a moment is within `since` (inclusive) and `until` (exclusive); an unknown one is. */
export const isWithin = (at: Instant | null | undefined, { since, until }: Params): boolean =>
  at == null || ((since === null || at >= since) && (until === null || at < until))

/**
 * What the user wants of a page of uploads, before its details are paid for. Dates go by publication. Ids of videos
 * have no order: `untilId` and `sinceId` are places in the list, and `below` tells whether the first was passed before.
 */
export const cut = (uploads: readonly Upload[], below: boolean, params: Params) => {
  const { since, sinceId, untilId } = params
  const from = below || untilId === null ? -1 : uploads.findIndex(({ id }) => id === untilId)
  const reached = below || untilId === null || from >= 0
  const end = uploads.findIndex(({ id }) => id === sinceId)
  const inPlace = reached ? uploads.slice(from + 1, end < 0 ? undefined : end) : []
  const floor = since === null ? null : Date.parse(since) - OVERLAP_MS
  const old = ({ publishedAt }: Upload): boolean =>
    floor !== null && publishedAt !== null && Date.parse(publishedAt) < floor
  return {
    wanted: inPlace.filter(({ publishedAt }) => isWithin(publishedAt, params)),
    below: reached && untilId !== null,
    /** Nothing further down the list is wanted. The list goes by upload: only a page that is old as a whole is past. */
    past: end >= 0 || (uploads.length > 0 && uploads.every(old)),
  }
}
