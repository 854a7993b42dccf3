import type { Cursor, PageRequest, RawPart, TaskRef } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Method, Query } from '../api.ts'

// A page costs one unit whatever its size, and its token is bound to the other parameters (docs/networks/youtube.md §6):
// so pages are always asked for at their largest, also where `room` is small, and never with `fields`, which saves
// no unit and would keep new fields out of the raw zone.

/** Where a list goes on: the cursor of every walk here. */
export type PagePosition = {
  readonly pageToken: string
  /** How many entries the pages before it held. */
  readonly seen: number
  /** In uploads: whether those pages already brought the video that the user's `untilId` names. */
  readonly below: boolean
}

/** One page of a list method. */
export interface List {
  readonly items: readonly Fields[]
  /** How many entries the walk has seen, this page's included. */
  readonly seen: number
  /** What the page says of the whole; 0 = nothing. Only a playlist's is of use (docs/networks/youtube.md §4). */
  readonly size: number
  /** Null where the token is absent, which alone ends a list: pages may be short or empty (docs/networks/youtube.md §6). */
  readonly next: PagePosition | null
}

/** The one task of a walk whose stream takes one id. */
export const taskOf = (request: PageRequest): TaskRef => {
  const [task] = request.tasks
  if (task === undefined) throw new Error('a walk without a task')
  return task
}

/** The place that a cursor of ours names; null = the first page. */
export const readPlace = (cursor: Cursor | null): PagePosition | null => {
  const place = new Reader().object(cursor, 'cursor')
  const token = place?.string('pageToken') ?? null
  if (token === null) return null
  return { pageToken: token, seen: place?.count('seen') ?? 0, below: place?.boolean('below') ?? false }
}

/** The place as a parameter; none for the first page. */
export const tokenOf = (place: PagePosition | null): Query =>
  place === null ? {} : { pageToken: place.pageToken }

export const readList = (
  reader: Reader,
  method: Method,
  part: RawPart | undefined,
  place: PagePosition | null,
): List => {
  const body = reader.object(part?.json, method)
  const items = body?.objects('items') ?? []
  const seen = (place?.seen ?? 0) + items.length
  const token = body?.string('nextPageToken') || null
  return {
    items,
    seen,
    size: body?.object('pageInfo')?.count('totalResults') ?? 0,
    next: token === null ? null : { pageToken: token, seen, below: place?.below ?? false },
  }
}

/** Whether a list that has ended stopped at a cap of about so many entries, short of its size: a few less pass for it. */
export const isCapped = ({ next, seen }: List, about: number, size: number): boolean =>
  next === null && seen >= about * 0.95 && size > seen
