import { type EntityKind, kindOfEntity } from '../../core/entity.ts'
import type { Params } from '../../core/params.ts'
import {
  type Assumptions,
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
import { foundCalls } from './found-price.ts'
import { collectedCalls, openNamedSearches } from './named-price.ts'
import { namesCalls } from './names-price.ts'
import { OWN_PAGE } from './streams/own.ts'
import { PLAYLIST_PAGE } from './streams/playlist.ts'
import { BATCH, COUNTERS_LAG_MS, MOST } from './streams/search.ts'
import { shareOf } from './streams/videos.ts'
import { DAYS, DEFAULT_FLOOR, QUIET_WINDOWS } from './streams/walk.ts'

const MAIN = 'main'
const DAY_MS = 86_400_000
/** Lists that a profile's page asks for, a call each. */
const OF_PROFILE: Params['lists'] = ['pinned', 'reposted']

/** Lists of names, each with how many a profile declares. */
const NAMES = [
  ['followers', ({ followersCount }) => followersCount],
  ['following', ({ followingCount }) => followingCount],
] as const satisfies readonly (readonly [
  Params['lists'][number],
  (known: ProfileFacts) => number | null | undefined,
])[]

/** What a job begins with: to go on with it is to read it. */
const BEGINNINGS: ReadonlySet<string> = new Set(['user', 'named', 'playlist', 'found'])

/** Of a playlist whose size is not known. */
const PLACES_ASSUMED: Range = { low: 0, likely: 20, high: 500 }

const ASSUMED: Assumptions = {
  postsPerProfile: { low: 0, likely: 200, high: 5000 },
  commentsPerPost: { low: 0, likely: 20, high: 200 },
  // Lists hold replies as well.
  threadsPerComment: exactly(1),
  replyCallsPerComment: { low: 0, likely: 0, high: 0.05 },
}

/** docs/networks/tiktok.md §7: a call per profile, windows of 30 days that up to twenty creators share, a hundred comments a call. */
export const researchPricing: Pricing = {
  assumed: ASSUMED,
  replies: null,
  byAge: true,
  byItem: true,
  counters: [],
  looksUp: false,
  settlesAfterMs: COUNTERS_LAG_MS,
  secondsPerCall: 3,

  open(params, assumptions, now): CostAccumulator {
    const sum = new CostSum()
    const searches = openSearches(params, Date.parse(now))
    const named = openNamedSearches(now)
    const wants = (kind: Params['kinds'][number]): boolean => params.kinds.includes(kind)

    const whole = (posts: number, declared: Range): Range => {
      const most = params.limitComments ?? Number.POSITIVE_INFINITY
      const listed = through(declared, n => Math.max(1, pages(Math.min(n, most), MOST)))
      const replies = params.replies === 'full' ? times(declared, assumptions.replyCallsPerComment) : NONE
      return times(exactly(posts), plus(listed, replies))
    }

    const talked = (
      { posts, declared, state, settled }: CommentStats,
      { from, widens }: ProfileFacts,
    ): Range => {
      if (state === 'closed' || (declared === 0 && settled)) return NONE
      if ((from !== null || widens) && state === 'known') return NONE
      // The list's order is TikTok's own: it is read to its end.
      return whole(posts, declared === null ? { low: 0, likely: 1, high: 1 } : exactly(declared))
    }

    /** Comments of a video that is not stored: it may have none. */
    const unseen = (known: ProfileFacts): Range => {
      const each = commentsPerPost(known, assumptions)
      const one = whole(1, each)
      return { ...one, low: Math.min(each.low, one.low) }
    }

    const addProfile = (known: ProfileFacts): void => {
      sum.add('profile', MAIN, exactly(1 + OF_PROFILE.filter(name => params.lists.includes(name)).length))
      for (const [name, declared] of NAMES)
        if (params.lists.includes(name) && !known.gone) {
          const calls = namesCalls(declared(known) ?? null)
          // Whom one follows is often not shared, which one call tells.
          sum.add('profile', 'follow', name === 'following' ? { ...calls, low: 1 } : calls)
        }
      if (params.lists.includes('liked') && wants('likes'))
        sum.add('likes', MAIN, { low: 1, likely: 1, high: 10 })
      if (known.gone || !wants('posts')) return
      const listed = postsOf(known, assumptions, params)
      if (listed.high === 0) return
      searches.add(known, listed)
      addTalk(known, known.from === null ? unseenPosts(listed, known, params) : NONE)
    }

    /** Comments of what is stored, and of as many videos that are not. */
    const addTalk = (known: ProfileFacts, others: Range): void => {
      if (!wants('comments')) return
      for (const stats of known.comments) sum.add('comments', MAIN, talked(stats, known))
      sum.add('comments', MAIN, times(others, unseen(known)))
    }

    const addFound = (known: ProfileFacts): void => {
      const listed = known.stored ? NONE : postsOf(known, assumptions, params)
      sum.add('posts', MAIN, foundCalls(known, listed, params, now))
      addTalk({ ...known, widens: true }, listed)
    }

    const addNamed = (known: ProfileFacts): void => {
      named.add(known)
      if (known.gone || !wants('comments')) return
      if (known.comments.length === 0) sum.add('comments', MAIN, unseen(known))
      // A video that the list names is read by its number, be it with a full pass.
      for (const stats of known.comments) sum.add('comments', MAIN, talked(stats, { ...known, widens: true }))
    }

    const addPlaylist = (known: ProfileFacts): void => {
      const places = known.postsCount === null ? PLACES_ASSUMED : exactly(known.postsCount)
      sum.add('profile', MAIN, exactly(1))
      if (known.gone || !wants('posts')) return
      sum.add(
        'posts',
        MAIN,
        through(places, n => Math.max(0, pages(n, PLAYLIST_PAGE) - 1)),
      )
      const listed = through(places, n => Math.min(n, params.limitPosts ?? n))
      sum.add('posts', MAIN, collectedCalls(known.items, listed, now))
      addTalk({ ...known, widens: true }, known.stored ? NONE : listed)
    }

    const addWhole: Readonly<Partial<Record<EntityKind, (known: ProfileFacts) => void>>> = {
      profile: addProfile,
      post: addNamed,
      playlist: addPlaylist,
      tag: addFound,
      search: addFound,
    }
    const addNew = (known: ProfileFacts): void => addWhole[kindOfEntity(known.entityId)]?.(known)

    const addLeft = (known: ProfileFacts, left: Remaining): void => {
      const rest = exactly(Math.max(1, (left.declared ?? 0) - left.items))
      if (BEGINNINGS.has(left.stream)) addNew({ ...known, remaining: null })
      else if (left.stream === 'videos') searches.add(known, postsOf(known, assumptions, params))
      else if (left.stream === 'window') searches.addWindows(left.tasks)
      else if (left.stream === 'collected')
        sum.add('posts', MAIN, collectedCalls(null, exactly(left.tasks), now))
      else if (left.stream === 'playlist-items')
        sum.add('posts', MAIN, exactly(Math.max(1, pages(rest.likely, PLAYLIST_PAGE))))
      else if (left.stream === 'found-days') sum.add('posts', MAIN, exactly(left.tasks))
      else if (left.stream === 'followers' || left.stream === 'following')
        sum.add('profile', 'follow', namesCalls(Math.max(0, (left.declared ?? 0) - left.items)))
      else if (left.stream === 'liked') sum.add('likes', MAIN, exactly(left.tasks))
      else sum.add('comments', MAIN, whole(left.tasks, rest))
    }

    return {
      add(known) {
        if (known.remaining === null) addNew(known)
        else for (const left of known.remaining) addLeft(known, left)
      },
      costs() {
        const total = new CostSum()
        for (const { kind, pool, calls } of sum.costs) total.add(kind, pool, calls)
        total.add('posts', MAIN, plus(searches.calls(), named.calls()))
        return total.costs
      },
    }
  },
}

/** Creators whose searches share their windows, by the key that the stream shares them by. */
interface Group {
  names: number
  /** Days back to which the windows go at least and at most. */
  reach: Range
  byAge: number[]
  unseen: Range
}

const openSearches = (params: Params, now: number) => {
  const groups = new Map<string, Group>()
  let calls = NONE
  /** Periods left over, which profiles may share: as many as the one has that has most, at most those of all. */
  let windows = { most: 0, all: 0 }
  const close = (key: string, group: Group): void => {
    groups.delete(key)
    calls = plus(calls, callsOf(group))
  }
  const until = params.until === null ? now : Math.min(now, Date.parse(params.until))
  const daysTo = (moment: number): number => Math.max(0, (until - moment) / DAY_MS)
  const floor = daysTo(Date.parse(params.since ?? DEFAULT_FLOOR))

  /** How far back a creator is searched for: to the bound, to the floor, or until all that is declared is found and nothing more comes. */
  const reachOf = ({ from, postsCount, posts }: ProfileFacts): Range => {
    if (from !== null) return exactly(daysTo(Date.parse(from)))
    const oldest = posts.byAge.length * DAYS
    const quiet = Math.min(floor, oldest + QUIET_WINDOWS * DAYS)
    if (postsCount !== null && posts.count > 0) return exactly(posts.count >= postsCount ? quiet : floor)
    return { low: Math.min(floor, quiet), likely: floor, high: floor }
  }

  return {
    add(known: ProfileFacts, listed: Range): void {
      const key = shareOf(known.from, params) ?? `alone ${known.entityId}`
      const group = groups.get(key) ?? { names: 0, reach: NONE, byAge: [], unseen: NONE }
      const reach = reachOf(known)
      group.names++
      group.reach = {
        low: Math.max(group.reach.low, reach.low),
        likely: Math.max(group.reach.likely, reach.likely),
        high: Math.max(group.reach.high, reach.high),
      }
      // Windows that end at a mark hold what was made since, and not all of its month.
      const ages = known.from === null ? known.posts.byAge : [known.posts.recent]
      ages.forEach((posts, age) => {
        group.byAge[age] = (group.byAge[age] ?? 0) + posts
      })
      if (known.from === null) group.unseen = plus(group.unseen, unseenPosts(listed, known, params))
      groups.set(key, group)
      if (group.names === (params.limitPosts === null ? BATCH : 1)) close(key, group)
    },
    addWindows(count: number): void {
      windows = { most: Math.max(windows.most, count), all: windows.all + count }
    },
    calls(): Range {
      for (const [key, group] of groups) close(key, group)
      return plus(calls, { low: windows.most, likely: windows.most, high: windows.all })
    },
  }
}

const callsOf = ({ reach, byAge, unseen }: Group): Range =>
  plus(
    through(reach, days => {
      const windows = Math.max(1, pages(days, DAYS))
      return Array.from({ length: windows }, (_, age) => Math.max(1, pages(byAge[age] ?? 0, MOST))).reduce(
        (sum, calls) => sum + calls,
        0,
      )
    }),
    through(unseen, n => Math.floor(n / MOST)),
  )

/** docs/networks/tiktok.md §5: the Display API gives the owner's profile, and twenty videos a call. */
export const ownPricing: Pricing = {
  assumed: ASSUMED,
  replies: null,
  byAge: false,
  byItem: false,
  counters: [],
  looksUp: false,
  settlesAfterMs: 0,
  secondsPerCall: 1,

  open(params, assumptions): CostAccumulator {
    const sum = new CostSum()
    const addVideos = (known: ProfileFacts, had: number): void => {
      const listed = through(postsOf(known, assumptions, params), n => Math.max(0, n - had))
      const isCut = known.from !== null || (params.since !== null && known.posts.count > 0)
      sum.add(
        'posts',
        'video.list',
        through(listed, n =>
          isCut ? headPages(known.posts.recent, n, OWN_PAGE) : Math.max(1, pages(n, OWN_PAGE)),
        ),
      )
    }
    let named = 0
    const addNew = (known: ProfileFacts): void => {
      if (kindOfEntity(known.entityId) === 'post') {
        named++
        return
      }
      sum.add('profile', 'user.info', exactly(1))
      if (!known.gone && params.kinds.includes('posts')) addVideos(known, 0)
    }
    return {
      add(known) {
        if (known.remaining === null) addNew(known)
        for (const { stream, items } of known.remaining ?? []) {
          if (stream === 'own-videos') addVideos(known, items)
          else addNew({ ...known, remaining: null })
        }
      },
      costs() {
        const total = new CostSum()
        for (const { kind, pool, calls } of sum.costs) total.add(kind, pool, calls)
        total.add('posts', 'video.query', exactly(pages(named, OWN_PAGE)))
        // Their owner, once.
        total.add('posts', 'user.info', exactly(Math.min(named, 1)))
        return total.costs
      },
    }
  },
}
