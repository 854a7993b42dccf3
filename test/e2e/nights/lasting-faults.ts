import type { Way } from '../../../src/sandbox/break.ts'
import type { Match, SwitchRule } from '../../../src/sandbox/switches.ts'
import type { Row } from '../../support/tables.ts'
import type { Seen } from './lasting-reference.ts'
import { OAUTH, OWN, WORLDS } from './lasting-world.ts'

/** Whether a fault may keep a row from being there or from being of tonight: all of it, or these columns. */
type Sick = (table: string, row: Row, night: number) => boolean | readonly string[]

/** A call that fails for ever: a line of the table below. */
export interface Lasting {
  readonly kind: string
  /** The fault's first night: the first of all, or the second, when all was read once. */
  readonly from: 0 | 1
  /** The calls that fail, by what their address and body hold. */
  calls(seen: Seen): Pick<SwitchRule, 'match' | 'body'>
  /** What it excuses; nothing that is not named here may be lacking. */
  sick(seen: Seen, way: Way): Sick
  /** It is about the credential: the run ends with 5 or 75, and nothing at all is booked. */
  readonly stops?: true
  /** Calls beyond the tries that finding out what is sick may take, once: a window that is divided into days. */
  readonly finding?: number
  /** The environment, where the usual will not do. */
  readonly env?: Readonly<Record<string, string>>
}

const COMMENTS_OF_POST = [
  'comments_declared',
  'comments_stored',
  'comments_reason',
  'comments_refused_to',
] as const

const profile =
  (id: string): Sick =>
  (table, row) =>
    table === 'profiles' ? row.id === id : isMetricOf('profile', table, row) && row.subject_id === id

/** Posts with all that hangs on them. What was not read on one night may lack or be old on all that follow. */
const posts =
  (seen: Seen, isSick: (id: string, night: number) => boolean): Sick =>
  (table, row, night) => {
    const isOrWas = (id: unknown): boolean =>
      Array.from({ length: night + 1 }, (_, until) => until).some(until => isSick(String(id), until))
    if (table === 'posts') return isOrWas(row.id)
    if (table !== 'metrics') return isOrWas(row.post_id)
    if (row.subject === 'profile') return false
    return isOrWas(row.subject === 'post' ? row.subject_id : seen.postOf(row.subject_id))
  }

/** The posts that stand behind a list's first page. */
const behind = (seen: Seen, listOn: (night: number) => readonly string[], firstPage: number): Sick => {
  const sick = new Map<number, ReadonlySet<string>>()
  const sickOn = (night: number): ReadonlySet<string> => {
    const found = sick.get(night) ?? new Set(listOn(night).slice(firstPage))
    sick.set(night, found)
    return found
  }
  return posts(seen, (id, night) => sickOn(night).has(id))
}

/** All posts of a profile, also those to come. */
const postsOf = (seen: Seen, profileId: string): Sick => posts(seen, id => seen.profileOf(id) === profileId)

/** Comments of a post: all of them, or the replies to one. */
const comments =
  (seen: Seen, postId: string, parentId?: string): Sick =>
  (table, row) => {
    if (table === 'posts') return row.id === postId && COMMENTS_OF_POST
    if (table === 'comments' && row.id === parentId) return ['replies_declared']
    if (table === 'comments')
      return row.post_id === postId && (parentId === undefined || row.parent_id === parentId)
    return isMetricOf('comment', table, row) && seen.postOf(row.subject_id) === postId
  }

/** The comments of a post in threads that stand, newest first, behind the first page on this night or stood there before. */
const commentsBehind = (seen: Seen, postId: string, firstPage: number): Sick => {
  const all = comments(seen, postId)
  const sick = new Map<number, ReadonlySet<string>>()
  const sickOn = (night: number): ReadonlySet<string> => {
    const before = night === 0 ? [] : sickOn(night - 1)
    const found = sick.get(night) ?? new Set([...before, ...seen.threads(postId, night).slice(firstPage)])
    sick.set(night, found)
    return found
  }
  return (table, row, night) => {
    if (table === 'posts') return all(table, row, night)
    const id = String(table === 'metrics' ? row.subject_id : row.id)
    return all(table, row, night) !== false && sickOn(night).has(seen.threadOf(id))
  }
}

/** What is measured of a post or profile and is no counter of its own row. */
const insights =
  (subject: 'post' | 'profile', id: string): Sick =>
  (table, row) =>
    isMetricOf(subject, table, row) && row.subject_id === id && !/_counts?$/.test(String(row.name))

const either =
  (...sicks: readonly Sick[]): Sick =>
  (table, row, night) =>
    sicks.map(sick => sick(table, row, night)).find(found => found !== false) ?? false

const isMetricOf = (subject: string, table: string, row: Row): boolean =>
  table === 'metrics' && row.subject === subject

const everything: Sick = () => true

const [, , QUIET] = WORLDS.instagram.ids
const [, PAGED] = WORLDS.instagram.ids
const [MANY, LIVELY, TALKED_OF] = WORLDS.youtube.ids
const [, BUSY, CALM] = WORLDS.tiktok.ids

const uploadsOf = (channelId: string): string => `playlistId=UU${channelId.slice(2)}`

const named = (username: string): string => `business_discovery.username(${username})`
const own = (rest: string) => ({ pattern: `^/v[0-9.]+/${OWN}${rest}` })

/** A call that nobody makes: the suite finds nothing wrong where nothing fails. */
export const HARMLESS: Lasting = {
  kind: 'nothing',
  from: 0,
  calls: () => ({ match: '/nowhere' }),
  sick: () => () => false,
}

/** Every kind of call that a network has. A line more is a kind more. */
export const LASTING: Readonly<Record<keyof typeof WORLDS, readonly Lasting[]>> = {
  instagram: [
    {
      kind: 'the profile of another account',
      from: 1,
      calls: () => ({ match: [named(QUIET), 'followers_count'] }),
      // A smaller page is tried once.
      finding: 1,
      sick: seen => profile(seen.profileId(QUIET)),
    },
    {
      kind: 'profile and list of another account',
      from: 1,
      calls: () => ({ match: named(QUIET) }),
      // A smaller page is tried once.
      finding: 1,
      sick: seen => either(profile(seen.profileId(QUIET)), postsOf(seen, seen.profileId(QUIET))),
    },
    {
      kind: 'page 2 of the list of another account',
      from: 0,
      calls: () => ({ match: [named(PAGED), '.after('] }),
      sick: seen => behind(seen, night => seen.posts(seen.profileId(PAGED), night), 48),
    },
    {
      kind: 'the own profile',
      from: 1,
      // Others are asked about through it, and insights of its posts.
      calls: () => ({ match: own('\\?(?!.*(?:business_discovery|insights\\.metric))') }),
      sick: () => profile(OWN),
    },
    {
      kind: 'the own list',
      from: 1,
      calls: () => ({ match: own('/media') }),
      sick: seen => postsOf(seen, OWN),
    },
    {
      kind: 'page 2 of the own list',
      from: 0,
      calls: () => ({ match: [own('/media'), 'after='] }),
      sick: seen => behind(seen, night => seen.posts(OWN, night), 22),
    },
    {
      kind: 'stories',
      from: 1,
      calls: () => ({ match: own('/stories') }),
      sick: seen => {
        const listed = new Set(seen.posts(OWN))
        return posts(seen, id => seen.profileOf(id) === OWN && seen.isStory(id) && !listed.has(id))
      },
    },
    {
      kind: 'page 2 of comments',
      from: 0,
      calls: seen => ({ match: `/${seen.mostCommented(OWN)}/comments` }),
      sick: seen => comments(seen, seen.mostCommented(OWN)),
    },
    {
      kind: 'replies',
      from: 0,
      calls: seen => ({ match: `/${seen.mostAnswered(OWN)}/replies` }),
      sick: seen => {
        const parent = seen.mostAnswered(OWN)
        return comments(seen, String(seen.postOf(parent)), parent)
      },
    },
    {
      kind: 'insights of a post',
      from: 1,
      calls: seen => ({ match: `/${seen.posts(OWN)[0]}/insights` }),
      sick: seen => insights('post', String(seen.posts(OWN)[0])),
    },
    {
      kind: 'insights of the account',
      from: 1,
      calls: () => ({ match: own('/insights') }),
      sick: () => insights('profile', OWN),
    },
  ],
  youtube: [
    {
      kind: 'profile',
      from: 1,
      // Profiles are asked about together: it takes a call each to find out whose the fault is.
      calls: () => ({ match: ['/channels?', LIVELY] }),
      sick: () => profile(LIVELY),
      finding: 7,
    },
    {
      kind: 'list',
      from: 1,
      calls: () => ({ match: ['/playlistItems?', uploadsOf(LIVELY)] }),
      sick: seen => postsOf(seen, LIVELY),
    },
    {
      kind: 'page 2 of a list',
      from: 0,
      calls: () => ({ match: ['/playlistItems?', uploadsOf(MANY), 'pageToken='] }),
      sick: seen => behind(seen, night => seen.posts(MANY, night), 49),
    },
    {
      kind: 'details',
      from: 1,
      calls: () => ({ match: '/videos?' }),
      sick: seen => posts(seen, () => true),
    },
    {
      kind: 'details of one profile',
      from: 1,
      calls: seen => ({ match: ['/videos?', { pattern: seen.everyPost(LIVELY).join('|') }] }),
      sick: seen => postsOf(seen, LIVELY),
      finding: 7,
    },
    {
      kind: 'comments',
      from: 0,
      calls: seen => ({ match: ['/commentThreads?', `videoId=${seen.mostCommented(MANY)}`] }),
      sick: seen => comments(seen, seen.mostCommented(MANY)),
    },
    {
      kind: 'page 2 of comments',
      from: 0,
      calls: seen => ({
        match: ['/commentThreads?', `videoId=${seen.mostCommented(TALKED_OF)}`, 'pageToken='],
      }),
      sick: seen => commentsBehind(seen, seen.mostCommented(TALKED_OF), 100),
    },
    {
      kind: 'replies',
      from: 0,
      calls: seen => ({ match: ['/comments?', `parentId=${seen.mostAnswered(TALKED_OF)}`] }),
      sick: seen => {
        const parent = seen.mostAnswered(TALKED_OF)
        return comments(seen, String(seen.postOf(parent)), parent)
      },
    },
    {
      kind: 'token',
      from: 1,
      calls: () => ({ match: { pattern: '^/token\\?' } }),
      sick: () => everything,
      stops: true,
      env: OAUTH,
    },
  ],
  tiktok: [
    {
      kind: 'profile',
      from: 1,
      calls: () => ({ match: '/user/info/', body: `"username":"${CALM}"` }),
      sick: () => profile(CALM),
    },
    {
      kind: 'list',
      from: 1,
      calls: () => ({ match: '/video/query/' }),
      sick: seen => posts(seen, () => true),
    },
    {
      kind: 'page 2 of a list',
      from: 0,
      calls: () => ({ match: '/video/query/', body: '"cursor":' }),
      // Of a hundred places a quarter are of videos that were deleted: they are counted, and not shown.
      sick: seen => behind(seen, () => seen.newest(30), 75),
      finding: 12,
    },
    {
      kind: 'window',
      from: 0,
      calls: seen => ({ match: '/video/query/', body: windowsWith(seen.dayOf(seen.posts(BUSY)[50])) }),
      // Where an answer is merely empty nothing tells that its window should be divided.
      sick: (seen, way) => {
        const day = seen.dayOf(seen.posts(BUSY)[50])
        const most = way === 'empty' ? 31 : 0
        const away = (id: string) => Math.abs(Date.parse(seen.dayOf(id)) - Date.parse(day)) / 86_400_000
        return posts(seen, id => away(id) <= most)
      },
      finding: 12,
    },
    {
      kind: 'comments',
      from: 0,
      calls: seen => ({ match: '/comment/list/', body: `"video_id":"${seen.mostCommented(CALM)}"` }),
      sick: seen => comments(seen, seen.mostCommented(CALM)),
    },
    {
      kind: 'page 2 of comments',
      from: 0,
      calls: seen => ({
        match: '/comment/list/',
        body: [`"video_id":"${seen.mostCommented(BUSY)}"`, '"cursor":'],
      }),
      sick: seen => comments(seen, seen.mostCommented(BUSY)),
    },
    {
      kind: 'replies',
      from: 0,
      calls: seen => ({ match: '/comment/list/', body: `"comment_id":"${seen.mostAnswered(BUSY)}"` }),
      sick: seen => {
        const parent = seen.mostAnswered(BUSY)
        return comments(seen, String(seen.postOf(parent)), parent)
      },
    },
    {
      kind: 'token',
      from: 1,
      calls: () => ({ match: '/oauth/token/' }),
      sick: () => everything,
      stops: true,
    },
  ],
}

/** Searches that touch a day: none spans more than 31 (docs/networks/tiktok.md §3.2). */
const windowsWith = (day: string): Match => {
  const days = (name: string, sign: 1 | -1) => {
    const near = Array.from({ length: 32 }, (_, distance) =>
      new Date(Date.parse(day) + sign * distance * 86_400_000).toISOString().slice(0, 10).replaceAll('-', ''),
    )
    return { pattern: `"${name}":"(${near.join('|')})"` }
  }
  return [days('start_date', -1), days('end_date', 1)]
}
