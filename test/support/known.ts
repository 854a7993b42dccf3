import type { ProfileFacts } from '../../src/core/price.ts'
import type { CommentRecord, PostRecord } from '../../src/core/records.ts'
import type { Walked } from './walk.ts'

/** A profile of which nothing is stored. */
export const NOTHING_KNOWN: ProfileFacts = {
  entityId: '',
  stored: false,
  postsCount: null,
  whole: false,
  gone: false,
  from: null,
  widens: false,
  posts: { count: 0, recent: 0, young: 0, missing: 0, stories: 0, storiesLately: 0, byAge: [] },
  newest: new Map(),
  comments: [],
  playlists: null,
  remaining: null,
}

const MONTH_MS = 30 * 86_400_000

/** What a file would know of a profile after this walk, for the price of the same walk once more. */
export const knownOf = ({ records, steps }: Walked, entityId: string, now: number): ProfileFacts => {
  const rows = [...records.values()]
  const identities = steps.flatMap(({ page }) => page.identities)
  const profileId = identities.find(identity => identity.externalId === entityId)?.profileId
  const profile = rows.find(row => row.type === 'profile' && row.id === profileId)
  if (profile?.type !== 'profile') return { ...NOTHING_KNOWN, entityId, gone: true }
  const isOurs = (row: (typeof rows)[number]): row is PostRecord =>
    row.type === 'post' && row.profileId === profileId
  const mine = rows.filter(isOurs)
  const posts = mine.filter(({ kind }) => kind !== 'story')
  const byAge: number[] = []
  for (const { createdAt } of posts) {
    const age = Math.floor((now - Date.parse(createdAt ?? '')) / MONTH_MS)
    while (byAge.length <= age) byAge.push(0)
    byAge[age] = (byAge[age] ?? 0) + 1
  }
  const tops = Map.groupBy(
    rows.filter((row): row is CommentRecord => row.type === 'comment' && row.parentId === null),
    ({ postId }) => postId,
  )
  const replyPages = Map.groupBy(
    steps.filter(({ stream }) => stream.lists === 'replies'),
    ({ request }) => request.tasks[0]?.postId ?? '',
  )
  return {
    ...NOTHING_KNOWN,
    entityId,
    stored: true,
    whole: true,
    postsCount: profile.postsCount ?? null,
    posts: {
      ...NOTHING_KNOWN.posts,
      count: posts.length,
      recent: posts.length,
      stories: mine.length - posts.length,
      storiesLately: mine.length - posts.length,
      byAge,
    },
    comments: posts.map(({ id, commentsCount, createdAt }) => ({
      posts: 1,
      declared: commentsCount ?? null,
      state: 'unread',
      settled: now - Date.parse(createdAt ?? '') > MONTH_MS,
      more: 0,
      threads: tops.get(id)?.length ?? 0,
      replyCalls: replyPages.get(id)?.length ?? 0,
    })),
  }
}
