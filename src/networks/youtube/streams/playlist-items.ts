import { idOfEntity } from '../../../core/entity.ts'
import { FaultError } from '../../../core/fault.ts'
import type { Instant } from '../../../core/instant.ts'
import type { ItemRecord } from '../../../core/records.ts'
import {
  type FetchContext,
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type RawPart,
  type Stream,
  type TaskRef,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import type { PlaylistItem } from '../wire.ts'
import { idsIn } from '../witness.ts'
import { isWithin } from './bounds.ts'
import { detailsOf, fetchOrOwe, leave, owedBy } from './details.ts'
import { isOf, type Owners, readOwners } from './owners.ts'
import { readList, readPlace, taskOf, tokenOf } from './paging.ts'
import type { Told } from './told.ts'
import { idsAsked, readVideos, type VideoLookUp } from './videos.ts'

const PARTS = ['snippet', 'contentDetails', 'status'] satisfies (keyof PlaylistItem)[]

/** What its pages are asked and told with. */
interface ItemsOptions {
  readonly api: Api
  readonly lookUp: VideoLookUp
  readonly owners: Owners
  readonly told: Told
}

/**
 * What a playlist that the list names holds, in its own order, 50 a page, each page with the details of its videos and with
 * their channels: three units, less what was told of within the hour. Nothing says what has moved, so it is read whole each
 * night; what then does not come was taken out. Of a video that is private or deleted its place is kept
 * (docs/networks/youtube.md §5).
 */
export const openPlaylistItems = (options: ItemsOptions): Stream => ({
  ...openItems(options, ({ entityId }) => entityId),
  name: 'playlist-items',
  lists: 'posts',
})

/**
 * The same of one that a channel shows, whose key its task has as its id. Of the channel's own videos the uploads bring those that are new, and
 * its look-up the others; those that it does not list, as it lists no unlisted ones, become a task of their own.
 */
export const openShownItems = (options: ItemsOptions): Stream => ({
  ...openItems(options, ({ externalId }) => externalId),
  name: 'shown-items',
  lists: 'items',
})

const openItems = (
  { api, lookUp, owners, told }: ItemsOptions,
  collectionOf: (task: TaskRef) => string,
): Omit<Stream, 'name'> => ({
  kind: 'posts',
  batch: 1,
  newestFirst: false,

  async fetch(request, ctx) {
    const place = readPlace(request.cursor)
    const task = taskOf(request)
    const { declared, profileId } = task
    const playlistId = idOfEntity(collectionOf(task))
    const query = { part: PARTS.join(','), playlistId, maxResults: '50', ...tokenOf(place) }
    const list = await api.list(ctx, 'playlistItems', () => query, {
      tolerated: place === null && declared === 0 ? ['playlistNotFound'] : [],
    })
    const { wanted } = readEntries(new Reader(), list, request)
    const isCounted = request.params.limitPosts !== null
    const { asked, left } = await askedOf(ctx, wanted, told, isCounted ? null : profileId)
    const parts = left.length === 0 ? [list] : [list, leave(ctx, left)]
    if (asked.length === 0) return { parts }
    const details = isCounted
      ? await lookUp.fetch(ctx, asked)
      : await fetchOrOwe(lookUp, ctx, asked, { areNew: false })
    if (details === null) return { parts }
    if (owedBy(details).length > 0) return { parts: [...parts, details] }
    const came = idsIn(details)
    const again = await askAgain(lookUp, ctx, asked, came)
    return { parts: [...parts, details, ...again, ...(await owners.fetch(ctx, [details, ...again]))] }
  },

  normalise: (raw, request) => readItems(raw, request, collectionOf(taskOf(request))),
})

/**
 * Of a page's videos those that are to be asked for: all but what was told of within the hour and is stored, what nobody can
 * see, unless it could be seen before, and the own ones of the channel that shows the page: of these `left` are not stored.
 */
const askedOf = async (
  ctx: FetchContext,
  wanted: readonly Entry[],
  told: Told,
  profileId: string | null,
): Promise<{ readonly asked: readonly string[]; readonly left: readonly string[] }> => {
  const isOwn = ({ ownerId }: Entry): boolean => profileId !== null && ownerId === profileId
  const own = [...new Set(wanted.flatMap(entry => (!entry.isHidden && isOwn(entry) ? entry.id : [])))]
  const seen = wanted.flatMap(entry => (entry.isHidden || isOwn(entry) ? [] : entry.id))
  const untold = new Set(told.untold(ctx.now(), seen))
  const recent = seen.filter(id => !untold.has(id))
  const doubtful = [...recent, ...own]
  const known = doubtful.length === 0 ? new Set<string>() : await ctx.known(doubtful)
  const hidden = wanted.flatMap(entry => (entry.isHidden ? entry.id : []))
  const there = hidden.length === 0 ? new Set<string>() : await ctx.there('post', hidden)
  const isUnknown = (id: string): boolean => !known.has(id)
  return {
    asked: [...new Set([...untold, ...recent.filter(isUnknown), ...hidden.filter(id => there.has(id))])],
    left: own.filter(isUnknown),
  }
}

/** What was there and does not come is asked for once more before it is called gone (docs/networks/youtube.md §0.6). */
const askAgain = async (
  lookUp: VideoLookUp,
  ctx: FetchContext,
  asked: readonly string[],
  came: readonly string[],
): Promise<readonly RawPart[]> => {
  const left = asked.filter(id => !came.includes(id))
  const there = left.length === 0 ? new Set<string>() : await ctx.there('post', left)
  if (there.size === 0) return []
  try {
    return [
      await lookUp.fetchAgain(
        ctx,
        left.filter(id => there.has(id)),
      ),
    ]
  } catch (error) {
    // The others are here and paid for: whether these are gone the next night tells.
    if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
    return []
  }
}

const readItems = (raw: RawPage, request: PageRequest, collectionId: string): Page => {
  const [part, ...beside] = raw.parts
  if (part === undefined || part.status === 404) return page({})
  const reader = new Reader()
  const { entries, wanted, list } = readEntries(reader, part, request)
  const isShown = collectionId === taskOf(request).externalId
  const videos = beside.filter(each => isOf('videos', each))
  const answered = videos.filter(each => owedBy(each).length === 0)
  const asked = new Set(videos.flatMap(idsAsked))
  const read = answered.map(each => readVideos(reader, each, { profileId: null, params: request.params }))
  const posts = read.flatMap(({ records }) => records)
  const listed = wanted.filter(({ id, isHidden }) => !isHidden && !asked.has(id)).map(({ id }) => id)
  return page({
    records: [...readOwners(reader, beside), ...posts, ...itemsOf(entries, collectionId)],
    children: [
      ...read.flatMap(({ children }) => children),
      ...videos.flatMap(each => detailsOf(owedBy(each), null, isShown ? collectionId : null)),
    ],
    // What is left out once is only asked for again.
    missing: read.slice(1).flatMap(({ missing }) => missing),
    listed,
    tail: entries.at(-1)?.addedAt ?? null,
    rejects: reader.rejects,
    next: list.next,
    // Pages that hold only what nobody can see, what the user does not want, or what is owed, are no sign of a loop.
    window: posts.length + listed.length === 0 ? String(list.seen) : null,
  })
}

/** An entry of a playlist. */
interface Entry {
  readonly id: string
  readonly position: number | null
  readonly addedAt: Instant | null
  /** The channel whose video it is, where that is told. */
  readonly ownerId: string | null
  /** Private or deleted: it bears both signs of that. */
  readonly isHidden: boolean
  readonly publishedAt: Instant | null
}

/** Also an unlisted video can be seen by whoever has its id. */
const SEEN: ReadonlySet<string | null> = new Set(['public', 'unlisted', null])

const readEntries = (reader: Reader, part: RawPart, { cursor, params }: PageRequest) => {
  const list = readList(reader, 'playlistItems', part, readPlace(cursor))
  const entries = list.items.flatMap(item => readEntry(item) ?? [])
  return { list, entries, wanted: entries.filter(({ publishedAt }) => isWithin(publishedAt, params)) }
}

const readEntry = (item: Fields): Entry | null => {
  const details = item.object('contentDetails')
  const snippet = item.object('snippet')
  const id = details?.id('videoId') ?? snippet?.object('resourceId')?.id('videoId') ?? null
  if (id === null) {
    item.reject('no video id')
    return null
  }
  const publishedAt = details?.instant('videoPublishedAt') ?? null
  return {
    id,
    position: snippet?.count('position') ?? null,
    addedAt: snippet?.instant('publishedAt') ?? null,
    ownerId: snippet?.id('videoOwnerChannelId') ?? null,
    isHidden: publishedAt === null && !SEEN.has(item.object('status')?.string('privacyStatus') ?? null),
    publishedAt,
  }
}

/** A video that stands in it twice has its last place. */
const itemsOf = (entries: readonly Entry[], collectionId: string): readonly ItemRecord[] => [
  ...new Map(
    entries.map(({ id: postId, position, addedAt }): readonly [string, ItemRecord] => [
      postId,
      { type: 'item', collectionId, postId, position, addedAt },
    ]),
  ).values(),
]
