import { idOfEntity, kindOfEntity } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
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
import { DAY_PREFIX, daysAfter, unsettledDays } from './days.ts'
import { BREAKDOWNS, DEMOGRAPHICS_PREFIX, isDue } from './demographics.ts'
import type { Hashtags } from './hashtags.ts'
import { isOwnId } from './ids.ts'
import { KEPT_MS } from './insight-sorts.ts'
import { BESIDE } from './insights-beside.ts'
import type { InsightsKnown } from './insights-known.ts'
import { from, LADDERS } from './ladder.ts'
import { MOST_COMMENTS } from './nodes.ts'
import type { Own } from './own.ts'
import { MOST_RECENT_PAGES } from './streams/tag.ts'
import { TAGGED_PAGE } from './streams/tagged.ts'
import type { Turns } from './turns.ts'
import { APP_POOL, accountPool } from './usage.ts'

const OTHER_PAGE = LADDERS.otherMedia[0]?.limit ?? 1
const OWN_PAGE = LADDERS.ownMedia[0]?.limit ?? 1
const OWN_PAGE_BARE = from(LADDERS.ownMedia, 'none')[0]?.limit ?? 1
/** An own account is not listed any deeper (docs/networks/instagram.md §8). */
const MOST_OWN_POSTS = 10_000

/** A post that is refused is asked for so often before that is believed; where several are asked for together, once from then on (docs/networks/instagram.md §21). */
const MOST_TRIES = 3

/** How often somebody is tagged is told nowhere: a page, most likely, and by the 10,000. */
const TAGGED: Range = { low: 1, likely: 1, high: pages(10_000, TAGGED_PAGE) }

/** To find a media that spoils a call for 25, or from when on there are insights: a first run may pay for it. */
const SEARCH = 12

/**
 * docs/networks/instagram.md §11: a call per profile and per 50 posts of others, a unit each of the app's pool. An own
 * account pays for itself: 25 posts a call with up to 50 comments each, and their insights in another; where these are not
 * nested in lists, post by post. Posts that are named are a call each, their insights 25 a call over the whole list.
 */
export const instagramPricing = (
  side: Side,
  own: Own,
  insights: InsightsKnown,
  turns: Pick<Turns, 'isShared'>,
  hashtags: Hashtags,
): Pricing => ({
  assumed: {
    postsPerProfile: { low: 0, likely: 200, high: 5000 },
    commentsPerPost: { low: 0, likely: 20, high: 200 },
    threadsPerComment: { low: 0.3, likely: 0.7, high: 1 },
    replyCallsPerComment: { low: 0, likely: 0, high: 0.005 },
  },
  replies: null,
  byAge: true,
  byItem: false,
  counters: [DAY_PREFIX, DEMOGRAPHICS_PREFIX],
  looksUp: false,
  settlesAfterMs: 0,
  secondsPerCall: 1,

  open(params, assumptions, now): CostAccumulator {
    const sum = new CostSum()
    const wantsPosts = params.kinds.includes('posts')
    const wantsComments = params.kinds.includes('comments')
    const page = wantsComments ? OWN_PAGE : OWN_PAGE_BARE
    /** Posts that are named and come, and those of them whose insights are asked for. */
    let named = 0
    let told = NONE

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

    const isPost = (key: string): boolean => kindOfEntity(key) === 'post'
    const isOwn = (key: string): boolean => isOwnId(key) || own.isNamed(key) || isPost(key)
    /** Who pays for what is not known to be another account's. */
    const asker = own.id() ?? 'own'
    const accountOfKey = (key: string): string => (isOwnId(key) ? key : asker)
    const ownPool = (key: string): string => accountPool(accountOfKey(key))

    const addOwn = (known: ProfileFacts): void => {
      const pool = ownPool(known.entityId)
      sum.add('profile', pool, exactly(1))
      if (known.gone) return
      const at = Date.parse(now)
      sum.add('profile', pool, exactly(unsettledDays(at, known.newest.get(DAY_PREFIX) ?? null)))
      if (isDue(known.newest.get(DEMOGRAPHICS_PREFIX), at))
        sum.add('profile', pool, exactly(BREAKDOWNS.length))
      if (params.lists.includes('tagged') && side === 'facebook') sum.add('profile', pool, TAGGED)
      if (!wantsPosts) return
      const listed = through(postsOf(known, assumptions, params), n => Math.min(n, MOST_OWN_POSTS))
      const { stories, storiesLately } = known.posts
      sum.add(
        'posts',
        pool,
        through(listedOf(known, page), n => Math.max(1, n)),
      )
      const account = accountOfKey(known.entityId)
      const isNested = insights.isOffered(account, 'nested')
      // The list of stories, and their insights.
      const told = isNested ? Math.min(1, storiesLately) : stories
      sum.add('posts', pool, { low: 1, likely: 1 + told, high: 11 + stories })
      const unseen = unseenPosts(listed, known, params)
      sum.add('posts', pool, insightsCalls(known, account, listed, unseen, isNested))
      if (!wantsComments) return
      for (const stats of known.comments) sum.add('comments', pool, talked(stats))
      if (known.from === null) {
        const each = overflow(commentsPerPost(known, assumptions))
        sum.add('comments', pool, times(unseen, each))
      }
    }

    /** Its id once, a page of top hits, and of the recent ones as many as the night before. */
    const addTag = ({ entityId, gone }: ProfileFacts): void => {
      const name = idOfEntity(entityId)
      if (!hashtags.isNamed(name)) sum.add('posts', hashtags.pool, exactly(1))
      if (hashtags.idOf(name) === null) sum.add('posts', APP_POOL, exactly(1))
      if (gone) return
      sum.add('posts', APP_POOL, { low: 2, likely: 1 + hashtags.pagesOf(name), high: 1 + MOST_RECENT_PAGES })
    }

    const addNamed = (known: ProfileFacts): void => {
      const pool = ownPool(known.entityId)
      const isTogether = side === 'facebook' && !turns.isShared()
      const likely = known.gone && !isTogether ? MOST_TRIES : 1
      const high = known.gone || known.from === null ? MOST_TRIES : 1
      sum.add('posts', pool, { low: 1, likely, high })
      if (known.gone) return
      named++
      told = plus(told, toldOf(known))
      if (!wantsComments) return
      const [stats] = known.comments
      const talk = stats === undefined ? overflow(commentsPerPost(known, assumptions)) : talked(stats)
      sum.add('comments', pool, talk)
    }

    /** Whether insights are asked of a post that is named: on the first night if it has any, later if it is young or has moved. */
    const toldOf = ({ from, stored, posts: { young, byAge } }: ProfileFacts): Range => {
      if (!wantsPosts) return NONE
      if (from !== null) return { low: young, likely: young, high: 1 }
      if (!stored) return { low: 0, likely: 1, high: 1 }
      return exactly(withInsights(byAge, insights.since(asker), now))
    }

    const addToldOf = (total: CostSum): void => {
      if (named === 0) return
      total.add('profile', accountPool(asker), exactly(1))
      const isNested = !turns.isShared() && insights.isOffered(asker, 'nested')
      const lists = pages(named, BESIDE)
      const calls = through(told, n => (isNested ? Math.min(lists, n) : n))
      const search = isNested && told.high > 1 ? SEARCH : 0
      total.add('posts', accountPool(asker), { ...calls, high: calls.high + search })
    }

    /** Insights of posts: 25 in a call, of a later night's list where one of them is young; what moved is not known beforehand. */
    const insightsCalls = (
      known: ProfileFacts,
      account: string,
      listed: Range,
      unseen: Range,
      isNested: boolean,
    ): Range => {
      const { count, young, byAge, recent } = known.posts
      const each = (n: number): number => (isNested ? pages(n, BESIDE) : n)
      if (known.from !== null) {
        const head = headPages(recent, listed.likely, page) * page
        const likely = isNested ? Math.min(1, young) : young
        return { low: likely, likely, high: Math.max(likely, isNested ? pages(head, BESIDE) + SEARCH : head) }
      }
      const kept = Math.min(withInsights(byAge, insights.since(account), now), listed.high)
      const likely = each(kept + unseen.likely)
      // Posts that are declared and not shown are spread over pages, or fill some: half of each.
      const spread = count === 0 ? likely : (pages(listed.likely, BESIDE) * kept) / count
      return {
        low: each(kept),
        likely: isNested ? Math.max(likely, Math.round((likely + spread) / 2)) : likely,
        high: each(kept) + unseen.high + SEARCH,
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
      sum.add(
        'posts',
        pool,
        through(posts, n => pages(n, BESIDE)),
      )
      if (wantsComments)
        sum.add('comments', pool, times(posts, overflow(commentsPerPost(known, assumptions))))
    }

    const addLeft = (known: ProfileFacts, left: Remaining): void => {
      const pool = isOwn(known.entityId) ? ownPool(known.entityId) : APP_POOL
      const { stream, tasks, declared, items } = left
      if (stream === 'discovery' || stream === 'account' || stream === 'named')
        addNew({ ...known, remaining: null })
      else if (stream === 'tag' && items === 0) addNew({ ...known, remaining: null })
      else if (stream === 'tag') sum.add('posts', pool, { low: 1, likely: 1, high: MOST_RECENT_PAGES })
      else if (stream === 'discovery-media') sum.add('posts', pool, restOf(known, left, OTHER_PAGE))
      else if (stream === 'media') addMediaLeft(known, left, pool)
      else if (stream === 'comments' || stream === 'replies') {
        const calls = pages(Math.max(1, (declared ?? 0) - items), MOST_COMMENTS)
        sum.add('comments', pool, exactly(tasks * calls))
      } else if (stream === 'account-insights') {
        const days = daysAfter(Date.parse(now), known.newest.get(DAY_PREFIX) ?? null)
        sum.add('profile', pool, exactly(tasks * days))
      } else if (stream === 'tagged') sum.add('profile', pool, times(exactly(tasks), TAGGED))
      else if (stream === 'demographics') {
        sum.add('profile', pool, exactly(tasks * BREAKDOWNS.length))
      } else sum.add(stream.startsWith('comment') ? 'comments' : 'posts', pool, exactly(tasks))
    }

    const addNew = (known: ProfileFacts): void => {
      if (isPost(known.entityId)) addNamed(known)
      else if (isOwn(known.entityId)) addOwn(known)
      else if (side === 'facebook') (kindOfEntity(known.entityId) === 'tag' ? addTag : addOther)(known)
    }

    return {
      add(known) {
        if (known.remaining === null) addNew(known)
        else for (const left of known.remaining) addLeft(known, left)
      },
      costs() {
        const total = new CostSum()
        for (const { kind, pool, calls } of sum.costs) total.add(kind, pool, calls)
        addToldOf(total)
        return total.costs
      },
    }
  },
})

const PERIOD_MS = 30 * 86_400_000

/** Posts that have insights: of the last two years, and from after the account turned professional, as far as is known (docs/networks/instagram.md §7). */
const withInsights = (byAge: readonly number[], since: Instant | null, now: Instant): number => {
  const age = Math.min(KEPT_MS, since === null ? KEPT_MS : Date.parse(now) - Date.parse(since)) / PERIOD_MS
  // Of the period that it begins in, an even part.
  return Math.round(byAge.reduce((sum, posts, at) => sum + posts * Math.max(0, Math.min(1, age - at)), 0))
}
