import { idOfEntity, kindOfEntity } from '../../core/entity.ts'
import { instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { KnownPosts, ProfileFacts, Remaining } from '../../core/price.ts'
import type { Source } from '../../core/stream.ts'
import type { Db } from '../../store/reader.ts'
import {
  type Asking,
  type KnownProfile,
  readCommentStats,
  readCommentStatsOfPosts,
  readKnownPosts,
  readPostsThere,
  readProfiles,
  readRemaining,
} from '../../store/reports/stored-profiles.ts'

/** What a list names as the database knows it, and from where on its lists would be read. */
export type Started = KnownProfile & Pick<ProfileFacts, 'from'>

/** What is stored of one, and what an unfinished job of it left; null = there is none. */
export interface StoredFacts extends Pick<ProfileFacts, 'posts' | 'comments'> {
  readonly remaining: readonly Remaining[] | null
}

/** What the ids of a list name, as `readProfiles` has it; a post is stored where it itself is. `db` null = there is no file yet. */
export const readKnown = async (
  db: Db | null,
  network: string,
  ids: readonly string[],
  bounds: string | null,
): Promise<readonly KnownProfile[]> => {
  if (db === null) return [...new Set(ids)].map(entityId => ({ ...UNKNOWN, entityId }))
  const known = await readProfiles(db, network, ids, bounds)
  const named = known.filter(isPost)
  if (named.length === 0) return known
  const there = await readPostsThere(
    db,
    network,
    named.map(({ entityId }) => idOfEntity(entityId)),
  )
  return known.map(one => {
    if (!isPost(one)) return one
    const post = there.get(idOfEntity(one.entityId))
    return { ...one, postsCount: null, stored: post !== undefined, gone: one.gone || post?.gone === true }
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
  if (db === null || !(params.kinds.includes('posts') || started.some(isPost))) return () => NOTHING
  const asking: Asking = {
    network: source.network,
    params,
    pricing: source.pricing,
    young: instant(now - (params.lookbackMs ?? source.incremental.lookbackMs)),
    now: instant(now),
  }
  const profiles = started.flatMap(one =>
    isPost(one) || one.profileId === null ? [] : [{ profileId: one.profileId, from: one.from }],
  )
  const named = started.filter(isPost).map(({ entityId, from }) => ({ postId: idOfEntity(entityId), from }))
  const wantsComments = params.kinds.includes('comments')
  const posts = await readKnownPosts(db, profiles, asking)
  const ofProfiles = wantsComments ? await readCommentStats(db, profiles, asking) : null
  const ofPosts = wantsComments && named.length > 0 ? await readCommentStatsOfPosts(db, named, asking) : null
  const left = await readRemaining(
    db,
    started.flatMap(({ before }) => (before === null ? [] : before.id)),
    asking.now,
  )
  return one => {
    const { before, profileId, entityId } = one
    const comments = isPost(one) ? ofPosts?.get(idOfEntity(entityId)) : ofProfiles?.get(profileId ?? '')
    return {
      posts: (isPost(one) ? null : posts.get(profileId ?? '')) ?? NO_POSTS,
      comments: comments ?? [],
      remaining: before === null ? null : (left.get(before.id) ?? []),
    }
  }
}

const isPost = ({ entityId }: Pick<KnownProfile, 'entityId'>): boolean => kindOfEntity(entityId) === 'post'

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

const NOTHING: StoredFacts = { posts: NO_POSTS, comments: [], remaining: null }
