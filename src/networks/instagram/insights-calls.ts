import type { Json } from '../../core/json.ts'
import type { RawPart } from '../../core/stream.ts'
import { type Fields, Reader } from '../reader.ts'
import type { GraphCall } from './graph.ts'
import type { Medium, Sort } from './insight-sorts.ts'

/** The lists that insights are nested in: an account's posts, or its stories at the place of a page. */
export type Listing =
  /** `apart` = posts that are not all of a stretch of that list: each is asked for by its own moment. */
  | { readonly edge: 'media'; readonly user: string; readonly apart?: true }
  | {
      readonly edge: 'stories'
      readonly user: string
      readonly place: Readonly<Record<string, string>>
    }

/** Posts that follow each other and are of one sort: they have the same metrics. Newest first. */
export interface Stretch {
  readonly sort: Sort
  readonly media: readonly Medium[]
}

/**
 * Posts in stretches: one that another post lies between, of another sort or not wanted, is two. `all` = every post of the
 * page, since a stretch is asked for by its dates.
 */
export const stretchesOf = (all: readonly Medium[], wanted: ReadonlySet<Medium>): readonly Stretch[] => {
  const stretches: { sort: Sort; media: Medium[] }[] = []
  let isBroken = true
  for (const medium of newestFirst(all)) {
    const last = stretches.at(-1)
    if (!wanted.has(medium)) isBroken = true
    else if (last === undefined || isBroken || last.sort !== medium.sort) {
      stretches.push({ sort: medium.sort, media: [medium] })
      isBroken = false
    } else last.media.push(medium)
  }
  return stretches
}

/** Each by itself. */
export const apartOf = (media: readonly Medium[]): readonly Stretch[] =>
  newestFirst(media).map(medium => ({ sort: medium.sort, media: [medium] }))

export const newestFirst = (media: readonly Medium[]): readonly Medium[] =>
  media.toSorted((a, b) => ((a.madeAt ?? '') < (b.madeAt ?? '') ? 1 : -1))

/**
 * One call for the insights of stretches (docs/networks/instagram.md §7): of one by the edge of its list, of several by that list
 * again and again under names of ours, `media.since(…).until(…).as(w0){id,insights.metric(…)}`.
 */
export const nestedCall = (
  listing: Listing,
  stretches: readonly Stretch[],
  metrics: (sort: Sort) => readonly string[],
): Pick<GraphCall, 'path' | 'query' | 'holds'> => {
  const user = encodeURIComponent(listing.user)
  const [first, ...others] = stretches
  const nested = (sort: Sort): string => `id,insights.metric(${metrics(sort)}){name,values,total_value}`
  if (first === undefined || others.length > 0) {
    const lists = stretches.map(
      (stretch, index) => `media${modifiers(spanOf(stretch))}.as(w${index}){${nested(stretch.sort)}}`,
    )
    return { path: user, query: { fields: lists.join(',') }, holds: 'node' }
  }
  const place =
    listing.edge === 'media' ? spanOf(first) : { limit: `${first.media.length}`, ...listing.place }
  return {
    path: `${user}/${listing.edge}`,
    query: { fields: nested(first.sort), ...place },
    holds: 'list',
  }
}

/** The dates say how many come; one that is not shown takes a place, too. */
const MOST_LISTED = 50

/** A second wide on either side: whether the bounds count in is not documented. */
const spanOf = ({ media }: Stretch): Readonly<Record<string, string>> => {
  const made = media.flatMap(({ madeAt }) => (madeAt === null ? [] : Date.parse(madeAt)))
  return {
    since: `${Math.floor(Math.min(...made) / 1000) - 1}`,
    until: `${Math.ceil(Math.max(...made) / 1000) + 1}`,
    limit: `${MOST_LISTED}`,
  }
}

const modifiers = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `.${name}(${value})`)
    .join('')

/** Insights of one post as an answer told them; no rows = it is listed, and has none yet. */
export interface Told {
  readonly id: string
  readonly rows: readonly Fields[]
}

/** What an answer to such a call, or to one for a single post, tells. */
export const toldIn = (
  { request, json }: Pick<RawPart, 'request' | 'json'>,
  reader = new Reader(),
): readonly Told[] => {
  const body = reader.object(json, '$')
  if (body === null) return []
  const single = /\/(\d+)\/insights$/.exec(String(request.path))?.[1]
  if (single !== undefined) return [{ id: single, rows: body.objects('data') }]
  const lists = body.has('data')
    ? [body]
    : Object.keys(body.raw).flatMap(key => (/^w\d+$/.test(key) ? (body.object(key) ?? []) : []))
  return lists.flatMap(list =>
    list.objects('data').flatMap(item => {
      const id = item.id('id')
      return id === null ? [] : [{ id, rows: item.object('insights')?.objects('data') ?? [] }]
    }),
  )
}

/** Whether a part of a page of posts is that page, and not what was asked beside it. */
export const isListing = ({ request: { query } }: Pick<RawPart, 'request'>): boolean => {
  const { metric, fields } = Object(query) as { readonly metric?: Json; readonly fields?: Json }
  return metric === undefined && !(typeof fields === 'string' && fields.includes('insights.metric('))
}
