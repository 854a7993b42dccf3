import { type Call, data, type Reply } from '../call.ts'
import { readFields, show, type Wanted } from '../wire/fields.ts'
import { Body } from '../wire/request.ts'
import type { Wire } from '../wire/write-json.ts'
import { archivedCounters } from '../world/counters.ts'
import { acquaintances, newestFirst, picks, pinnedOf, shares, type Timeline } from '../world/relations.ts'
import { countUntil, timeOf } from '../world/schedule.ts'
import type { Video } from '../world/videos.ts'
import { listPage } from './list-page.ts'
import { refuse, requireUser } from './user.ts'
import { LIST_FIELDS, type Shown } from './video-fields.ts'

/** `/v2/research/user/liked_videos/`: by the time of the like, which is told by the cursor alone. */
export const answerLiked = (call: Call): Reply => {
  const fields = readFields(call.request, LIST_FIELDS)
  const body = Body.ofJson(call.request)
  const creator = requireUser(call, body)
  if (!shares(creator, 'likes')) throw notShared(call, 'liked videos')
  const unit = call.knobs.is('liked-cursor', 's') ? 1 : 1_000
  const likes = picks(call.world.creators, creator, 'likes', call.moment.at)
  return timelinePage(call, body, {
    key: 'user_liked_videos',
    unit,
    timeline: likes,
    show: video => showVideo(call, video, fields),
  })
}

/** `/v2/research/user/reposted_videos/`: an index is the cursor. */
export const answerReposted = (call: Call): Reply => {
  const fields = readFields(call.request, LIST_FIELDS)
  const body = Body.ofJson(call.request)
  const creator = requireUser(call, body)
  if (!shares(creator, 'reposts')) throw notShared(call, 'reposted videos')
  const asked = body.cursor()
  const { at } = call.moment
  const reposts = [...newestFirst(picks(call.world.creators, creator, 'reposts', at), at)]
  const cursor = Math.min(asked + body.maxCount(20, 100), reposts.length)
  const items = reposts
    .slice(asked, cursor)
    .flatMap(({ item }) => (item === null ? [] : [showVideo(call, item, fields)]))
  return data(listPage(call, 'reposted_videos', { items, asked, cursor, more: cursor < reposts.length }))
}

/** `/v2/research/user/pinned_videos/`: one page. */
export const answerPinned = (call: Call): Reply => {
  const fields = readFields(call.request, LIST_FIELDS)
  const creator = requireUser(call, Body.ofJson(call.request))
  const pinned = pinnedOf(creator, call.moment.at).map(video => showVideo(call, video, fields))
  return data({ pinned_videos_list: pinned.length === 0 ? undefined : pinned })
}

/** `/v2/research/user/followers/` and `…/following/`: names only, short pages. */
export const answerAcquaintances =
  (what: 'followers' | 'following') =>
  (call: Call): Reply => {
    const body = Body.ofJson(call.request)
    const creator = requireUser(call, body)
    if (what === 'following' && !shares(creator, 'following')) throw notShared(call, 'following list')
    return timelinePage(call, body, {
      key: `user_${what}`,
      unit: 1,
      timeline: acquaintances(creator, what),
      show: ({ username, displayName }) => ({ username, display_name: displayName }),
    })
  }

interface TimelineList<T> {
  readonly key: string
  /** Cursor units in a second. */
  readonly unit: number
  readonly timeline: Timeline<T>
  show(item: T): Wire
}

/** A page whose cursor is a time: "at or before this", 0 = from now. */
const timelinePage = <T>(call: Call, body: Body, { key, unit, timeline, show }: TimelineList<T>): Reply => {
  const asked = body.cursor()
  const { schedule } = timeline
  const until = asked === 0 ? call.moment.at : Math.min(call.moment.at, Math.floor(asked / unit))
  const newest = countUntil(schedule, until) - 1
  const next = newest - body.maxCount(20, 100)
  const items: Wire[] = []
  for (let n = newest; n > next && n >= 0; n--) {
    const item = timeline.item(n)
    if (item !== null) items.push(show(item))
  }
  const cursor = timeOf(schedule, Math.max(0, next)) * unit
  const page = listPage(call, key, { items, asked, cursor, more: next >= 0 })
  return data(newest < 0 ? { ...page, [key]: undefined } : page)
}

const showVideo = ({ moment }: Call, video: Video, fields: Wanted<Shown>): Wire =>
  show({ video, moment, counters: archivedCounters(video, moment), later: false, ofUser: true }, fields)

const notShared = (call: Call, what: string): Error =>
  refuse(call, 403, `The user's ${what} information cannot be returned`)
