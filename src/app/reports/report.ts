import { BadInput } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { topList } from '../../core/top-list.ts'
import { openTarget, type TargetOptions, type Written, writeAll } from '../../export/target.ts'
import type {
  ChangeExample,
  ChangeFigures,
  MissingFigures,
  ProfileFigures,
  ReportData,
  SeriesPoint,
  TopPost,
} from '../../report/data.ts'
import { writeReport } from '../../report/page.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import { type Db, withReadTransaction } from '../../store/reader.ts'
import type { Change } from '../../store/reports/changes.ts'
import { reportCompleteness } from '../../store/reports/completeness.ts'
import { sumCosts } from '../../store/reports/cost-sums.ts'
import { streamFollowers } from '../../store/reports/follower-series.ts'
import { type ListedPost, readPostTexts, streamListedPosts } from '../../store/reports/listed-posts.ts'
import {
  type Chosen,
  type ListedProfile,
  mostFollowed,
  streamUnfinished,
  sumProfiles,
  whichProfiles,
} from '../../store/reports/listed-profiles.ts'
import { isOfSandbox } from '../../store/reports/run-report.ts'
import { findChosen } from '../ids/find-profile.ts'
import type { IdNetwork } from '../ids/named-line.ts'
import { type CoverRequest, coverOf, type PeopleCover } from '../privacy/cover.ts'
import { coverChange, coverReport, isCoverable, nameOfProfile } from '../privacy/report.ts'
import { sumChanges } from './diff.ts'
import { ERROR_HINT, REASON_TEXT } from './messages.ts'

export interface ReportRequest extends Pick<CoverRequest, 'pseudonymise'> {
  readonly db: string
  /** The file; null = standard output. */
  readonly out: string | null
  readonly network: string | null
  readonly entity: string | null
  /** What ids may be of, and where profiles stand in texts. */
  readonly networks: readonly (IdNetwork & CoverRequest['networks'][number])[]
  /** What was published, observed and changed from this moment on; null = whenever. */
  readonly since: Instant | null
  /** How many profiles are shown by themselves. */
  readonly limit: number
  readonly version: string
  readonly now: Instant
  readonly options: TargetOptions
}

export interface Reported extends Written {
  /** Profiles that are shown by themselves, and how many more are stored. */
  readonly profiles: number
  readonly left: number
}

/** How many posts, changes and names of each kind are told. */
const TOP_POSTS = 15
const CHANGES = 5
const EXAMPLES = 5
/** How many moments of a profile are drawn. */
const POINTS = 60
/** Counters of posts whose largest moves are told. */
const MOVING: ReadonlySet<string> = new Set(['view_count', 'like_count'])
const DAY = 86_400_000
/** Without `--since`, changes of so many days are told: those of all time are what is stored. */
const CHANGED_LATELY = 7 * DAY

/** Writes what is stored as one HTML page, all of one moment; whole or not at all. BadInput where nothing is stored, or no such profile. */
export const reportStored = async (request: ReportRequest): Promise<Reported> => {
  // Before anything is read: that may take long.
  await using target = await openTarget(request.out, request.options)
  const data = await collectReport(request)
  const written = await writeAll(writeReport(data), target)
  return { ...written, profiles: data.profiles.length, left: data.left }
}

const collectReport = (request: ReportRequest): Promise<ReportData> =>
  withReadTransaction(request.db, async db => {
    const { since, version, now: madeAt } = request
    const cover = await coverOf(db, request)
    const chosen = await findChosen(db, request, true)
    const sums = await sumProfiles(db, chosen)
    if (sums.length === 0)
      throw new BadInput(
        `there is no ${request.network === null ? '' : `${request.network} `}profile in ${nameOfDatabase(request.db)} yet`,
        { hint: '`socsync run` reads some' },
      )
    const listed = await mostFollowed(db, chosen, request.limit)
    const newestAt = latest(sums.map(({ newest_at }) => newest_at))
    const posts = await gatherPosts(db, chosen, since)
    const series = await gatherSeries(db, listed, since)
    const stored = sums.reduce((sum, of) => sum + of.stored, 0)
    const data = {
      version,
      madeAt,
      bySandbox: await isOfSandbox(db),
      network: chosen.network,
      profile: chosen.entity === null ? null : nameOf(listed[0] ?? null, chosen.entity),
      since,
      newestAt,
      networks: sums.map(({ with_followers, oldest_at, newest_at, ...of }) => ({
        ...of,
        withFollowers: with_followers,
        posts: posts.byNetwork.get(of.network) ?? 0,
        oldestAt: oldest_at,
        newestAt: newest_at,
      })),
      profiles: listed.map(({ url, followers_count, last_synced_at, ...who }) => ({
        network: who.network,
        id: who.id,
        username: who.username,
        name: who.name,
        url,
        followers: followers_count,
        readAt: last_synced_at,
        series: series.get(keyOf(who)) ?? [],
        ...(posts.byProfile.get(keyOf(who)) ?? NO_POSTS),
      })),
      left: stored - listed.length,
      rhythm: posts.rhythm,
      top: posts.top,
      changes: await gatherChanges(db, chosen, since ?? lately(newestAt), cover),
      missing: await gatherMissing(db, chosen, Date.parse(newestAt ?? madeAt), cover),
      costs: await sumCosts(db, chosen.network, since),
    }
    return cover === null ? data : coverReport(data, cover)
  })

const keyOf = ({ network, id }: { readonly network: string; readonly id: string }): string =>
  `${network} ${id}`

const nameOf = (profile: Pick<ListedProfile, 'name' | 'username'> | null, id: string): string =>
  profile?.name ?? profile?.username ?? id

const latest = (moments: readonly (Instant | null)[]): Instant | null =>
  moments.reduce((newest, at) => (at !== null && (newest === null || at > newest) ? at : newest), null)

const lately = (newestAt: Instant | null): Instant | null =>
  newestAt === null ? null : instant(Date.parse(newestAt) - CHANGED_LATELY)

type PostFigures = Pick<ProfileFigures, 'posts' | 'newestPostAt' | 'reactions'>

const NO_POSTS: PostFigures = { posts: 0, newestPostAt: null, reactions: null }

/** All that is told of posts, in one pass over them: they come profile by profile, and one profile's are held at a time. */
const gatherPosts = async (db: Db, chosen: Chosen, since: Instant | null) => {
  const hours = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  const top = topList<CountedPost>(TOP_POSTS, ({ reactions }) => reactions)
  const byNetwork = new Map<string, number>()
  const byProfile = new Map<string, PostFigures>()
  let [dated, undated] = [0, 0]
  let of = { key: '', posts: 0, newest: null as Instant | null, reactions: [] as number[] }
  const close = (): void => {
    const { key, posts, newest, reactions } = of
    if (posts > 0) byProfile.set(key, { posts, newestPostAt: newest, reactions: median(reactions) })
  }
  for await (const post of streamListedPosts(db, chosen, since)) {
    const key = keyOf({ network: post.network, id: post.profile_id })
    if (of.key !== key) {
      close()
      of = { key, posts: 0, newest: null, reactions: [] }
    }
    of.posts += 1
    of.newest = latest([of.newest, post.created_at])
    byNetwork.set(post.network, (byNetwork.get(post.network) ?? 0) + 1)
    const row = post.created_at === null ? undefined : hours[weekdayOf(post.created_at)]
    const hour = Number(post.created_at?.slice(11, 13))
    if (row?.[hour] === undefined) undated += 1
    else {
      row[hour] += 1
      dated += 1
    }
    const reactions = reactionsOf(post)
    if (reactions === null) continue
    of.reactions.push(reactions)
    top.add({ ...post, reactions })
  }
  close()
  return { byNetwork, byProfile, rhythm: { hours, dated, undated }, top: await tellPosts(db, top.items()) }
}

/** 0 = Monday, in UTC. */
const weekdayOf = (at: Instant): number => (new Date(at).getUTCDay() + 6) % 7

/** As `export engagement` counts them; null = likes or comments are not told. */
const reactionsOf = ({ like_count, comments_count, share_count }: ListedPost): number | null =>
  like_count === null || comments_count === null ? null : like_count + comments_count + (share_count ?? 0)

type CountedPost = ListedPost & { readonly reactions: number }

const tellPosts = async (db: Db, posts: readonly CountedPost[]): Promise<readonly TopPost[]> => {
  const texts = new Map((await readPostTexts(db, posts)).map(text => [keyOf(text), text]))
  return posts.map(post => {
    const told = texts.get(keyOf(post))
    return {
      network: post.network,
      id: post.id,
      by: {
        network: post.network,
        id: post.profile_id,
        username: told?.username ?? null,
        name: told?.name ?? null,
      },
      text: told?.text ?? null,
      address: told?.permalink ?? null,
      at: post.created_at,
      reactions: post.reactions,
      likes: post.like_count,
      comments: post.comments_count,
      shares: post.share_count,
      views: post.view_count,
    }
  })
}

const median = (values: number[]): number | null => {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const value = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return value < 10 ? value : Math.round(value)
}

/** What was observed of each profile's followers, up to when it was read last, at most {@link POINTS} moments of each. */
const gatherSeries = async (
  db: Db,
  profiles: readonly ListedProfile[],
  since: Instant | null,
): Promise<ReadonlyMap<string, readonly SeriesPoint[]>> => {
  const series = new Map<string, SeriesPoint[]>(profiles.map(profile => [keyOf(profile), []]))
  for await (const { observed_at, value, ...of } of streamFollowers(db, profiles, since)) {
    // What held before the period holds at its beginning.
    const at = since !== null && observed_at < since ? since : observed_at
    series.get(keyOf(of))?.push({ at, value })
  }
  for (const profile of profiles) {
    const { last_synced_at: readAt, followers_count: value } = profile
    const points = series.get(keyOf(profile)) ?? []
    const last = points.at(-1)
    // A number that did not move is written down seldom: it was seen all the same when the profile was read.
    if (readAt !== null && last !== undefined && readAt > last.at) points.push({ at: readAt, value })
    series.set(keyOf(profile), thinned(points))
  }
  return series
}

/** Of a long series the last moment of each of some equal spans, and the first of all. */
const thinned = (points: SeriesPoint[]): SeriesPoint[] => {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length <= POINTS) return points
  const start = Date.parse(first.at)
  const span = Date.parse(last.at) - start
  const kept = new Map<number, SeriesPoint>()
  for (const point of points) {
    const place = ((Date.parse(point.at) - start) / span) * (POINTS - 1)
    kept.set(Math.min(POINTS - 1, Math.ceil(place)), point)
  }
  return [...kept.values()]
}

const gatherChanges = async (
  db: Db,
  chosen: Chosen,
  since: Instant | null,
  cover: PeopleCover | null,
): Promise<ChangeFigures> => {
  const told = (changes: readonly Change[]): readonly Change[] =>
    cover === null ? changes : changes.filter(isCoverable).map(change => coverChange(change, cover))
  if (since === null) return { since, counts: [], examples: [], movers: [] }
  const { counts, examples, movers } = await sumChanges(
    db,
    { since, until: null, run: null, ...chosen },
    CHANGES,
  )
  return {
    since,
    counts,
    examples: told([...examples.edited, ...examples.gone, ...examples.back]).map(exampleOf),
    movers: movers
      .filter(({ subject, field }) =>
        subject === 'profile' ? field === 'followers_count' : MOVING.has(field),
      )
      .flatMap(({ largest }) =>
        told(largest).map(change => ({
          who: change.subject === 'profile' ? whoseIs(change) : (change.text ?? change.subject_id),
          subject: change.subject,
          field: change.field ?? '',
          from: change.from,
          to: change.to,
          difference: change.difference,
          percent: change.percent,
        })),
      ),
  }
}

const whoseIs = ({ profile, profile_name, profile_id }: Change): string =>
  profile_name ?? profile ?? profile_id

const exampleOf = (change: Change): ChangeExample => ({
  change: change.change as ChangeExample['change'],
  at: change.at,
  who: whoseIs(change),
  subject: change.subject,
  text: change.text,
  field: change.field,
  before: change.before,
  after: change.after,
})

/** What a job is told by that says neither why it ended nor what went wrong. */
const STATUS_TEXT: Readonly<Record<string, string>> = {
  running: 'it was being read when this was written',
  pending: 'its turn had not come when this was written',
  partial: 'some of it came, and the rest can be had',
}

/** What a reason, an error type or a status means. */
const meaningOf = (reason: string): string =>
  REASON_TEXT[reason] ?? ERROR_HINT[reason] ?? STATUS_TEXT[reason] ?? 'no more is known'

const gatherMissing = async (
  db: Db,
  chosen: Chosen,
  now: number,
  cover: PeopleCover | null,
): Promise<MissingFigures> => {
  const groups = new Map<
    string,
    { status: string; network: string; reason: string; count: number; examples: string[] }
  >()
  for await (const profile of streamUnfinished(db, chosen)) {
    const { network, status } = profile
    const reason = profile.error_type ?? profile.reason ?? status
    const key = `${network} ${status} ${reason}`
    const group = groups.get(key) ?? { network, status, reason, count: 0, examples: [] }
    group.count += 1
    if (group.examples.length < EXAMPLES) {
      const name = nameOf(profile, profile.entity_id)
      group.examples.push(cover === null ? name : nameOfProfile(network, name, cover))
    }
    groups.set(key, group)
  }
  const complete = await reportCompleteness(db, await whichProfiles(db, chosen), now)
  return {
    profiles: [...groups.values()]
      .sort((a, b) => b.count - a.count)
      .map(group => ({ ...group, means: meaningOf(group.reason) })),
    postsStored: complete.posts_stored,
    postsDeclared: complete.posts_declared,
    posts: complete.post_gaps.map(({ reason, profiles, posts }) => ({
      reason,
      means: meaningOf(reason),
      profiles,
      posts,
    })),
    commentsStored: complete.comments_stored,
    commentsDeclared: complete.comments_declared,
    comments: complete.comment_gaps.map(({ reason, posts, comments }) => ({
      reason,
      means: meaningOf(reason),
      posts,
      comments,
    })),
    oldestCountersAt: complete.counters.oldest_at,
  }
}
