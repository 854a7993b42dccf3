import { type EntityKind, kindOfEntity } from '../../core/entity.ts'
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
import type { TaskKind } from '../../core/task.ts'
import { SEARCH, UNIT } from './api.ts'
import { isChannelId } from './ids.ts'

/** Ids of channels and of videos that a call takes, and entries of a page of uploads. */
const FIFTY = 50
/** Threads of a page, and replies. */
const HUNDRED = 100
/** Of a playlist whose size is not known. */
const ITEMS_ASSUMED: Range = { low: 1, likely: 50, high: 5000 }
/** Playlists of a channel of which nothing is known. */
const PLAYLISTS_ASSUMED: Range = { low: 0, likely: 5, high: 100 }
/** By how much what two searches bring may be more than what there is. */
const SEARCHED_TWICE = 1.25
/** What the uploads list at most (docs/networks/youtube.md §6). */
const MOST_UPLOADS = 20_000

/** How many of some pages hold at least one of `things` that lie anywhere among them. */
const meeting = (things: number, among: number): number =>
  among === 0 ? 0 : Math.round(among * (1 - (1 - 1 / among) ** things))

/** Calls for the channels of so many named videos: each page's at once, but for those that were told of just before. */
const owners = (videos: number): Range => {
  const calls = pages(videos, FIFTY)
  return { low: 0, likely: calls, high: calls }
}

/** Calls for the channels of so many pages of playlists: those of one list are often of a few. */
const beside = (pages: Range): Range => ({
  low: 0,
  likely: Math.ceil(pages.likely / 2),
  high: pages.high,
})

/** docs/networks/youtube.md §10: every call is a unit. Replies are what is least known and costs most. */
export const youtubePricing: Pricing = {
  assumed: {
    postsPerProfile: { low: 0, likely: 200, high: 5000 },
    commentsPerPost: { low: 0, likely: 20, high: 200 },
    threadsPerComment: { low: 0.3, likely: 0.6, high: 1 },
    replyCallsPerComment: { low: 0.01, likely: 0.03, high: 0.06 },
  },
  replies: { inline: 5, size: HUNDRED },
  byAge: false,
  byItem: false,
  counters: [],
  looksUp: true,
  settlesAfterMs: 0,
  secondsPerCall: 0.3,

  open(params, assumptions): CostAccumulator {
    const sum = new CostSum()
    const add = (kind: TaskKind, calls: Range): void => sum.add(kind, UNIT.pool, calls)
    const wants = (kind: TaskKind): boolean => params.kinds.includes(kind)
    let channels = 0
    let playlists = 0
    /** Of playlists, by what is to be asked beside each: its videos, and their channels. */
    let itemPages = NONE
    let named = 0
    let namedGone = 0
    let lookedUp = NONE
    let lost = 0

    /** Comments of posts with so many each, read from the first page. */
    const whole = (
      posts: number,
      declared: Range,
      known?: Pick<CommentStats, 'threads' | 'replyCalls'>,
    ): Range => {
      const most = params.limitComments ?? Number.POSITIVE_INFINITY
      const comments = through(declared, n => Math.min(n, most))
      const threads =
        known?.threads == null ? times(comments, assumptions.threadsPerComment) : exactly(known.threads)
      const listed = through(threads, n => Math.max(1, pages(Math.min(n, most), HUNDRED)))
      const replies =
        params.replies !== 'full'
          ? NONE
          : known?.replyCalls == null
            ? times(comments, assumptions.replyCallsPerComment)
            : exactly(known.replyCalls)
      return times(exactly(posts), plus(listed, replies))
    }

    /** Comments of posts that nothing is stored of: some have none, and cost nothing. */
    const unseen = (posts: Range, each: Range): Range => {
      const one = whole(1, each)
      return times(posts, { ...one, low: Math.min(each.low, one.low) })
    }

    const talked = (
      { posts, declared, state, more, ...known }: CommentStats,
      { from, widens }: ProfileFacts,
    ): Range => {
      if (state === 'closed' || declared === 0) return NONE
      // Comments that are off are not counted; a video without any counters has to be asked.
      if (declared === null) return { low: 0, likely: 0, high: posts }
      if ((from === null && !widens) || state === 'unread') return whole(posts, exactly(declared), known)
      if (state === 'known') return NONE
      const fresh = whole(posts, exactly(more))
      return { ...fresh, high: whole(posts, exactly(declared)).high }
    }

    const addComments = (known: ProfileFacts, listed: Range): void => {
      for (const stats of known.comments) add('comments', talked(stats, known))
      const each = commentsPerPost(known, assumptions)
      add('comments', unseen(unseenPosts(listed, known, params), each))
    }

    /**
     * Beyond the end of the uploads, by search: each call brings the last video of the one before once more, the last call nothing, and the first
     * ones what was published while the uploads' last were. Details of 50 that are not stored are a unit. What a search leaves out is not found.
     */
    const addOlder = (known: ProfileFacts, read: number): void => {
      const all = through(postsOf(known, assumptions, params), n => Math.max(0, n - MOST_UPLOADS - read))
      const calls = (n: number): number => (n === 0 && read === 0 ? 0 : pages(n, FIFTY - 1) + 1)
      const { low, likely, high } = through(all, calls)
      sum.add('posts', SEARCH.pool, { low, likely, high: high * SEARCHED_TWICE })
      const unseen = through(all, n => Math.min(n, Math.max(0, n + MOST_UPLOADS + read - known.posts.count)))
      add('posts', { ...through(unseen, n => pages(n, FIFTY - 1)), low: 0 })
    }

    const addNew = (known: ProfileFacts): void => {
      if (isChannelId(known.entityId)) channels++
      else add('profile', exactly(1))
      if (!known.gone && params.lists.includes('playlists')) addShown(known)
      if (known.gone || !wants('posts')) return
      const listed = through(postsOf(known, assumptions, params), n => Math.min(n, MOST_UPLOADS))
      const { recent, count, missing } = known.posts
      if (known.from !== null) {
        sum.add(
          'posts',
          UNIT.pool,
          through(listed, n => headPages(recent, n, FIFTY)),
        )
        lookedUp = plus(lookedUp, exactly(count + missing))
      } else {
        const heads = through(listed, n => Math.max(1, pages(n, FIFTY)))
        const cut = params.since !== null && count > 0
        add('posts', cut ? exactly(headPages(recent, listed.high, FIFTY)) : heads)
        const wanted = plus(exactly(Math.min(count, listed.high)), unseenPosts(listed, known, params))
        sum.add(
          'posts',
          UNIT.pool,
          through(wanted, n => pages(n, FIFTY)),
        )
        lookedUp = plus(lookedUp, exactly(missing))
      }
      // Only a whole reading of the uploads comes to their end.
      if (known.from === null && params.limitPosts === null && params.lists.includes('older'))
        addOlder(known, 0)
      lost += missing
      if (wants('comments')) addComments(known, listed)
    }

    /**
     * What a channel shows beside its uploads. Where it was read before, only what moved is read again until a full pass, and of that nothing
     * speaks. Its own videos are paid for with the uploads.
     */
    const addShown = ({ playlists, from }: ProfileFacts): void => {
      const count = playlists === null ? PLAYLISTS_ASSUMED : exactly(playlists.length)
      add(
        'profile',
        through(count, n => Math.max(1, pages(n, FIFTY))),
      )
      if (!wants('posts')) return
      const size = (items: number | null): Range => (items === null ? ITEMS_ASSUMED : exactly(items))
      const sizes = (playlists ?? []).map(size)
      const most =
        playlists === null
          ? times(
              PLAYLISTS_ASSUMED,
              through(ITEMS_ASSUMED, n => pages(n, FIFTY)),
            )
          : sizes.map(each => through(each, n => pages(n, FIFTY))).reduce(plus, NONE)
      const read = from === null || playlists === null ? most : { ...NONE, high: most.high }
      add('posts', read)
      itemPages = plus(itemPages, read)
    }

    /** A post that the list names. */
    const addNamed = (known: ProfileFacts): void => {
      named++
      if (known.gone) namedGone++
      if (!wants('comments') || known.gone) return
      const [stats] = known.comments
      add(
        'comments',
        stats === undefined ? unseen(exactly(1), assumptions.commentsPerPost) : talked(stats, known),
      )
    }

    /** Items of a playlist; `read` of them have come already. */
    const addItems = (known: ProfileFacts, read: number): void => {
      const size = known.postsCount === null ? ITEMS_ASSUMED : exactly(known.postsCount)
      const most = params.limitPosts ?? Number.POSITIVE_INFINITY
      const listed = through(size, n => Math.min(n, most))
      const left = through(listed, n => Math.max(0, n - read))
      add(
        'posts',
        through(left, n => Math.max(1, pages(n, FIFTY))),
      )
      itemPages = plus(
        itemPages,
        through(left, n => pages(n, FIFTY)),
      )
      if (!wants('comments')) return
      // Their videos may be known from elsewhere: then only what moved is read.
      const shared = { ...known, widens: true }
      for (const stats of known.comments) add('comments', talked(stats, shared))
      const count = known.comments.reduce((sum, { posts }) => sum + posts, 0)
      const stored = { ...known, whole: known.whole || count > 0, posts: { ...known.posts, count } }
      add('comments', unseen(unseenPosts(left, stored, params), commentsPerPost(known, assumptions)))
    }

    const addPlaylist = (known: ProfileFacts): void => {
      playlists++
      // Whether one that is left out is private or gone, its items tell.
      if (known.gone) add('profile', exactly(1))
      else if (wants('posts')) addItems(known, 0)
    }

    const addUploadsLeft = (known: ProfileFacts, { items, incremental }: Remaining): void => {
      const posts = through(postsOf(known, assumptions, params), n => Math.max(0, n - items))
      const calls = through(posts, n => pages(n, FIFTY) * 2)
      add('posts', incremental ? { low: 1, likely: 1, high: calls.high + 1 } : calls)
      if (wants('comments') && !incremental) {
        add('comments', unseen(posts, commentsPerPost(known, assumptions)))
      }
    }

    const addShownLeft = ({ tasks, declared, items }: Remaining): void => {
      const size = declared === null ? ITEMS_ASSUMED : exactly(Math.max(1, declared - items))
      const calls = times(
        exactly(tasks),
        through(size, n => pages(n, FIFTY)),
      )
      add('posts', calls)
      itemPages = plus(itemPages, calls)
    }

    const addLeft = (known: ProfileFacts, left: Remaining): void => {
      const rest = exactly(left.incremental ? 1 : Math.max(1, (left.declared ?? 0) - left.items))
      const replies = times(
        exactly(left.tasks),
        through(rest, n => pages(n, HUNDRED)),
      )
      if (left.stream === 'channels') addNew({ ...known, remaining: null })
      else if (left.stream === 'named') addNamed(known)
      else if (left.stream === 'playlist') addPlaylist(known)
      else if (left.stream === 'playlist-items') addItems(known, left.items)
      else if (left.stream === 'playlists') addShown(known)
      else if (left.stream === 'shown-items') addShownLeft(left)
      else if (left.stream === 'uploads') addUploadsLeft(known, left)
      else if (left.stream === 'older') addOlder(known, left.items)
      else if (left.stream === 'details') add('posts', exactly(left.tasks))
      else if (left.stream === 'videos') lookedUp = plus(lookedUp, exactly(known.posts.count))
      else add('comments', left.stream === 'threads' ? whole(left.tasks, rest) : replies)
    }

    const addWhole: Readonly<Partial<Record<EntityKind, (known: ProfileFacts) => void>>> = {
      profile: addNew,
      post: addNamed,
      playlist: addPlaylist,
    }

    return {
      add(known) {
        if (known.remaining === null) addWhole[kindOfEntity(known.entityId)]?.(known)
        else for (const left of known.remaining) addLeft(known, left)
      },
      costs() {
        const total = new CostSum()
        for (const { kind, pool, calls } of sum.costs) total.add(kind, pool, calls)
        total.add('profile', UNIT.pool, exactly(pages(channels, FIFTY)))
        // Of each page of named videos those that do not come are asked for once more.
        const calls = pages(named, FIFTY)
        total.add('posts', UNIT.pool, {
          low: calls,
          likely: calls + meeting(namedGone, calls),
          high: calls * 2,
        })
        total.add('profile', UNIT.pool, owners(named - namedGone))
        total.add('profile', UNIT.pool, exactly(pages(playlists, FIFTY)))
        // What they hold may be in another list too.
        total.add('posts', UNIT.pool, { ...itemPages, low: 0 })
        total.add('posts', UNIT.pool, beside(itemPages))
        // Videos that do not come are asked for once more, each page that has any.
        const doubled = meeting(lost, pages(lookedUp.likely, FIFTY))
        total.add(
          'posts',
          UNIT.pool,
          through(lookedUp, n => pages(n, FIFTY) + doubled),
        )
        return total.costs
      },
    }
  },
}
