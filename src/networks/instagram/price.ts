import {
  type CommentStats,
  type CostAccumulator,
  CostSum,
  commentsPerPost,
  exactly,
  headPages,
  NONE,
  type Pricing,
  type ProfileFacts,
  pages,
  plus,
  postsOf,
  type Range,
  type Remaining,
  through,
  times,
  unseenPosts,
} from '../../core/price.ts'
import type { Side } from './access.ts'
import { isOwnId } from './ids.ts'
import { from, LADDERS } from './ladder.ts'
import { MOST_COMMENTS } from './nodes.ts'
import type { Own } from './own.ts'
import { APP_POOL, accountPool } from './usage.ts'

const OTHER_PAGE = LADDERS.otherMedia[0]?.limit ?? 1
const OWN_PAGE = LADDERS.ownMedia[0]?.limit ?? 1
const OWN_PAGE_BARE = from(LADDERS.ownMedia, 'none')[0]?.limit ?? 1
/** An own account is not listed any deeper (docs/networks/instagram.md §8). */
const MOST_OWN_POSTS = 10_000

/**
 * docs/networks/instagram.md §11: a call per profile and per 50 posts of others, a unit each of the app's pool. An own
 * account pays for itself: 25 posts a call with up to 50 comments each, and insights post by post.
 */
export const instagramPricing = (side: Side, own: Own): Pricing => ({
  assumed: {
    postsPerProfile: { low: 0, likely: 200, high: 5000 },
    commentsPerPost: { low: 0, likely: 20, high: 200 },
    threadsPerComment: { low: 0.3, likely: 0.7, high: 1 },
    replyCallsPerComment: { low: 0, likely: 0, high: 0.005 },
  },
  replies: null,
  byAge: true,
  looksUp: false,
  settlesAfterMs: 0,
  secondsPerCall: 1,

  open(params, assumptions): CostAccumulator {
    const sum = new CostSum()
    const wantsPosts = params.kinds.includes('posts')
    const wantsComments = params.kinds.includes('comments')
    const page = wantsComments ? OWN_PAGE : OWN_PAGE_BARE

    const addOther = (known: ProfileFacts): void => {
      sum.add('profile', APP_POOL, exactly(1))
      if (known.gone || !wantsPosts) return
      // The first page comes with the profile.
      const further = through(listedOf(known, OTHER_PAGE), n => Math.max(0, n - 1))
      sum.add('posts', APP_POOL, further)
    }

    const listedOf = (known: ProfileFacts, size: number): Range => {
      const listed = postsOf(known, assumptions, params)
      const isCut = known.from !== null || (params.since !== null && known.posts.count > 0)
      return through(listed, n => (isCut ? headPages(known.posts.recent, n, size) : pages(n, size)))
    }

    const isOwn = (key: string): boolean => isOwnId(key) || own.isNamed(key)
    const ownPool = (key: string): string => accountPool(isOwnId(key) ? key : (own.id() ?? 'own'))

    const addOwn = (known: ProfileFacts): void => {
      const pool = ownPool(known.entityId)
      sum.add('profile', pool, exactly(2))
      if (known.gone || !wantsPosts) return
      const listed = through(postsOf(known, assumptions, params), n => Math.min(n, MOST_OWN_POSTS))
      const { stories, young, byAge } = known.posts
      sum.add(
        'posts',
        pool,
        through(listedOf(known, page), n => Math.max(1, n)),
      )
      // The list of stories, and the insights of each that is known.
      sum.add('posts', pool, { low: 1 + stories, likely: 1 + stories, high: 11 + stories })
      const unseen = unseenPosts(listed, known, params)
      const kept = Math.min(withInsights(byAge), listed.high)
      const asked = known.from === null ? plus(exactly(kept), { ...unseen, low: 0 }) : exactly(young)
      sum.add('posts', pool, asked)
      if (!wantsComments) return
      for (const stats of known.comments) sum.add('comments', pool, talked(stats))
      if (known.from === null) {
        const each = overflow(commentsPerPost(known, assumptions))
        sum.add('comments', pool, times(unseen, each))
      }
    }

    /** Calls for comments and replies that do not come along with the post. A new reply may hang anywhere: lists are read whole. */
    const overflow = (declared: Range, threads: number | null = null): Range => {
      const most = params.limitComments ?? Number.POSITIVE_INFINITY
      const top = threads === null ? times(declared, assumptions.threadsPerComment) : exactly(threads)
      const further = through(top, n => Math.max(0, pages(Math.min(n, most), MOST_COMMENTS) - 1))
      const isDeep = declared.high > MOST_COMMENTS && params.replies === 'full'
      return isDeep ? plus(further, times(declared, assumptions.replyCallsPerComment)) : further
    }

    const talked = ({ posts, declared, state, threads }: CommentStats): Range =>
      state === 'closed' || state === 'known' || declared === null
        ? NONE
        : times(exactly(posts), overflow(exactly(declared), threads))

    /** What is left of a list of posts: of one that is read from where it was left, most likely no more than a page. */
    const restOf = (known: ProfileFacts, { items, incremental }: Remaining, size: number): Range => {
      const rest = through(postsOf(known, assumptions, params), n => Math.max(1, pages(n - items, size)))
      return incremental ? { ...rest, low: 1, likely: 1 } : rest
    }

    const addMediaLeft = (known: ProfileFacts, left: Remaining, pool: string): void => {
      sum.add('posts', pool, restOf(known, left, page))
      if (left.incremental) return
      const posts = through(postsOf(known, assumptions, params), n => Math.max(0, n - left.items))
      sum.add('posts', pool, posts)
      if (wantsComments)
        sum.add('comments', pool, times(posts, overflow(commentsPerPost(known, assumptions))))
    }

    const addLeft = (known: ProfileFacts, left: Remaining): void => {
      const pool = isOwn(known.entityId) ? ownPool(known.entityId) : APP_POOL
      const { stream, tasks, declared, items } = left
      if (stream === 'discovery' || stream === 'account') addNew({ ...known, remaining: null })
      else if (stream === 'discovery-media') sum.add('posts', pool, restOf(known, left, OTHER_PAGE))
      else if (stream === 'media') addMediaLeft(known, left, pool)
      else if (stream === 'comments' || stream === 'replies') {
        const calls = pages(Math.max(1, (declared ?? 0) - items), MOST_COMMENTS)
        sum.add('comments', pool, exactly(tasks * calls))
      } else {
        const kind =
          stream === 'account-insights' ? 'profile' : stream.startsWith('comment') ? 'comments' : 'posts'
        sum.add(kind, pool, exactly(tasks))
      }
    }

    const addNew = (known: ProfileFacts): void => {
      if (isOwn(known.entityId)) addOwn(known)
      else if (side === 'facebook') addOther(known)
    }

    return {
      add(known) {
        if (known.remaining === null) addNew(known)
        else for (const left of known.remaining) addLeft(known, left)
      },
      costs: () => sum.costs,
    }
  },
})

/** Posts of the last two years, which have insights (docs/networks/instagram.md §7). */
const withInsights = (byAge: readonly number[]): number =>
  byAge.slice(0, 24).reduce((sum, posts) => sum + posts, 0) + Math.round((byAge[24] ?? 0) / 3)
