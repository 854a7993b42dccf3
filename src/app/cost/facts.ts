import {
  type EntityKind,
  HOLDING_KINDS,
  holdsPosts,
  idOfEntity,
  isWholeEachTime,
  kindOfEntity,
} from '../../core/entity.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { KnownPosts, ProfileFacts, Remaining } from '../../core/price.ts'
import type { Source } from '../../core/stream.ts'
import type { Db } from '../../store/reader.ts'
import { readCollectionsThere, readItems, readPostsThere } from '../../store/reports/listed-there.ts'
import { readNewestCounters } from '../../store/reports/newest-counters.ts'
import { readShownPlaylists } from '../../store/reports/shown-playlists.ts'
import {
  type Asking,
  type KnownProfile,
  readCommentStats,
  readCommentStatsOfCollections,
  readCommentStatsOfPosts,
  readKnownPosts,
  readKnownPostsOfCollections,
  readProfiles,
  readRemaining,
} from '../../store/reports/stored-profiles.ts'

/** What a list names as the database knows it, and from where on its lists would be read. */
export type Started = KnownProfile & Pick<ProfileFacts, 'from'>

/** What is stored of one, and what an unfinished job of it left; null = there is none. */
export interface StoredFacts
  extends Pick<ProfileFacts, 'posts' | 'newest' | 'comments' | 'playlists' | 'items'> {
  readonly remaining: readonly Remaining[] | null
}

/** What the ids of a list name, as `readProfiles` has it; what is no profile is stored where it itself is. `db` null = there is no file yet. */
export const readKnown = async (
  db: Db | null,
  network: string,
  ids: readonly string[],
  bounds: string | null,
): Promise<readonly KnownProfile[]> => {
  if (db === null) return [...new Set(ids)].map(entityId => ({ ...UNKNOWN, entityId }))
  const known = await readProfiles(db, network, ids, bounds)
  const keysOf = (kind: EntityKind): readonly string[] =>
    known.flatMap(({ entityId }) => (kindOfEntity(entityId) === kind ? [entityId] : []))
  const posts = keysOf('post')
  const collections = HOLDING_KINDS.flatMap(keysOf)
  if (posts.length + collections.length === 0) return known
  const postsThere = await readPostsThere(db, network, posts.map(idOfEntity))
  const collectionsThere = await readCollectionsThere(db, network, collections)
  return known.map(one => {
    const kind = kindOfEntity(one.entityId)
    if (kind === 'profile') return one
    const collection = collectionsThere.get(one.entityId)
    const there = kind === 'post' ? postsThere.get(idOfEntity(one.entityId)) : collection
    return {
      ...one,
      postsCount: collection?.items ?? null,
      stored: there !== undefined,
      gone: one.gone || there?.gone === true,
    }
  })
}

/** What is stored of these; asked about together. */
export const readFacts = async (
  db: Db | null,
  source: Source,
  started: readonly Started[],
  params: Params,
  now: number,
): Promise<(of: Started) => StoredFacts> => {
  if (db === null) return () => NOTHING
  const asking: Asking = {
    network: source.network,
    params,
    pricing: source.pricing,
    young: instant(now - (params.lookbackMs ?? source.incremental.lookbackMs)),
    now: instant(now),
  }
  const profiles = started.flatMap(one =>
    isProfile(one) && one.profileId !== null ? [{ profileId: one.profileId, from: one.from }] : [],
  )
  const isOfPosts = params.kinds.includes('posts') || !started.every(isProfile)
  const posts = isOfPosts ? await readKnownPosts(db, profiles, asking) : new Map<string, KnownPosts>()
  const collections = started.flatMap(({ entityId: id, from }) => (holdsPosts(id) ? [{ id, from }] : []))
  // A playlist is read whole each time, whatever is known of it.
  const isWhole = ({ id }: { readonly id: string }): boolean => isWholeEachTime(kindOfEntity(id))
  const searched = collections.filter(one => !isWhole(one))
  const collected = await readKnownPostsOfCollections(db, searched, asking)
  const keys = source.pricing.byItem ? collections.filter(isWhole).map(({ id }) => id) : []
  const items = keys.length === 0 ? null : await readItems(db, source.network, keys)
  const newest = new Map<string, ReadonlyMap<string, Instant>>()
  for (const beginning of source.pricing.counters) {
    const ids = profiles.map(({ profileId }) => profileId)
    newest.set(beginning, await readNewestCounters(db, source.network, ids, beginning))
  }
  const stats = params.kinds.includes('comments')
    ? {
        profile: await readCommentStats(db, profiles, asking),
        post: await readCommentStatsOfPosts(
          db,
          started
            .filter(({ entityId }) => kindOfEntity(entityId) === 'post')
            .map(({ entityId, from }) => ({ id: idOfEntity(entityId), from })),
          asking,
        ),
        collection: await readCommentStatsOfCollections(db, collections, asking),
      }
    : null
  const playlists = params.lists.includes('playlists')
    ? await readShownPlaylists(
        db,
        source.network,
        profiles.map(({ profileId }) => profileId),
      )
    : null
  const left = await readRemaining(
    db,
    started.flatMap(({ before }) => (before === null ? [] : before.id)),
    asking.now,
  )
  return one => {
    const { before, profileId, entityId } = one
    const kind = kindOfEntity(entityId)
    const held = items?.get(entityId)
    const key = kind === 'profile' ? profileId : kind === 'post' ? idOfEntity(entityId) : entityId
    return {
      posts: (isProfile(one) ? posts.get(profileId ?? '') : collected.get(entityId)) ?? NO_POSTS,
      newest: new Map(
        [...newest].flatMap(([beginning, of]) => {
          const at = of.get(profileId ?? '')
          return at === undefined ? [] : [[beginning, at] as const]
        }),
      ),
      comments: stats?.[kind === 'profile' || kind === 'post' ? kind : 'collection'].get(key ?? '') ?? [],
      playlists: playlists?.get(profileId ?? '') ?? (before === null ? null : []),
      ...(held !== undefined && { items: held }),
      remaining: before === null ? null : (left.get(before.id) ?? []),
    }
  }
}

const isProfile = ({ entityId }: Pick<KnownProfile, 'entityId'>): boolean =>
  kindOfEntity(entityId) === 'profile'

const UNKNOWN: Omit<KnownProfile, 'entityId'> = {
  stored: false,
  postsCount: null,
  whole: false,
  gone: false,
  profileId: null,
  watermarks: {},
  before: null,
}

const NO_POSTS: KnownPosts = {
  count: 0,
  recent: 0,
  young: 0,
  missing: 0,
  stories: 0,
  storiesLately: 0,
  byAge: [],
}

const NOTHING: StoredFacts = {
  posts: NO_POSTS,
  newest: new Map(),
  comments: [],
  playlists: null,
  remaining: null,
}
