import { refuse } from '../errors.ts'
import type { Call, Method } from '../method.ts'
import { THREADS } from '../page-tokens.ts'
import { cutPage, type Sequence } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { makeThreadResource } from '../wire/comment.ts'
import { listChannelThreads } from '../world/channel-threads.ts'
import { findChannelById } from '../world/channels.ts'
import { topComment } from '../world/comments.ts'
import { findThread, listThreads, makeThread, type Thread } from '../world/threads.ts'
import { commentsClosed, findVideoById, makeVideo } from '../world/videos.ts'
import { readCommentForm, refuseWithIds } from './comment-parameters.ts'

/** `commentThreads.list`. */
export const commentThreads: Method = {
  path: 'commentThreads',
  pool: 'default',
  parts: ['id', 'replies', 'snippet'],
  filters: ['videoId', 'allThreadsRelatedToChannelId', 'id', 'channelId'],
  parameters: ['order', 'searchTerms', 'textFormat', 'moderationStatus', 'maxResults', 'pageToken'],
  pageSize: { least: 1, most: 100, usual: 20 },
  needsForceSsl: true,
  schema: listSchema('commentThread'),
  answer(call) {
    const form = readCommentForm(call)
    const order = readOrder(call)
    refuseModeration(call)
    const cut =
      call.filter === 'id'
        ? { items: lookUp(call), next: {} }
        : cutPage(
            call,
            arrange(call, LISTS[call.filter ?? '']?.(call) ?? [], order),
            THREADS[order],
            bind(call),
          )
    return {
      kind: 'youtube#commentThreadListResponse',
      ...cut.next,
      pageInfo: { totalResults: cut.items.length, resultsPerPage: call.pageSize },
      items: cut.items.map(thread => makeThreadResource(call.world, thread, form, call.parts)),
    }
  },
}

const LISTS: Readonly<Record<string, (call: Call) => Sequence<Thread>>> = {
  videoId: ({ world, value }) => {
    const video = findVideoById(world, value)
    if (video === null) throw refuse('videoNotFound')
    const closed = commentsClosed(video)
    if (closed !== undefined) throw refuse(closed === 'disabled' ? 'commentsDisabled' : 'forbidden')
    return view(listThreads(world, video), number => makeThread(world, video, number))
  },
  /** The switch `channel-threads-cap` n: only the newest n (an open question of docs/networks/youtube.md §10). */
  allThreadsRelatedToChannelId: ({ world, value, switches }) => {
    const channel = findChannelById(world, value)
    if (channel === null) throw refuse('channelNotFound')
    const all = listChannelThreads(world, channel)
    const cap = switches.peek('channel-threads-cap')
    const length = typeof cap === 'number' ? Math.min(cap, all.length) : all.length
    return view({ length, at: index => all.at(index) }, ({ video, thread }) =>
      makeThread(world, makeVideo(channel, video), thread),
    )
  },
  /** Channel discussions ended on 30 April 2024. */
  channelId: () => [],
}

/** A list as another that is made from it where it is looked at. */
const view = <A, B>(list: Sequence<A>, make: (item: A) => B): Sequence<B> => ({
  length: list.length,
  at(index) {
    const item = list.at(index)
    return item === undefined ? undefined : make(item)
  },
})

type Order = keyof typeof THREADS

const readOrder = (call: Call): Order => {
  const order = call.one('order') ?? 'time'
  if (order === 'time' || order === 'relevance') return order
  throw refuse('invalidParameter', { message: `Invalid value '${order}'.`, location: 'order' })
}

/** By time the list is as it comes; by relevance the most liked lead; a search keeps what holds its words. */
const arrange = (call: Call, list: Sequence<Thread>, order: Order): Sequence<Thread> => {
  const terms = call.one('searchTerms')?.toLowerCase()
  if (order === 'time' && terms === undefined) return list
  const ranked = Array.from({ length: list.length }, (_, index) => list.at(index))
    .filter(thread => thread !== undefined)
    .map(thread => ({ thread, top: topComment(call.world, thread) }))
    .filter(({ top }) => terms === undefined || top.text.toLowerCase().includes(terms))
  if (order === 'relevance') ranked.sort((a, b) => b.top.likeCount - a.top.likeCount)
  return ranked.map(({ thread }) => thread)
}

const bind = (call: Call): string => `${call.filter} ${call.value} ${call.one('searchTerms') ?? ''}`

const lookUp = (call: Call): readonly Thread[] => {
  refuseWithIds(call, ['pageToken', 'order', 'searchTerms'])
  const { world, values } = call
  return values
    .map(id => findThread(world, id))
    .filter(thread => thread !== null)
    .filter(({ video }) => commentsClosed(video) === undefined)
}

const refuseModeration = (call: Call): void => {
  const status = call.one('moderationStatus') ?? 'published'
  if (status !== 'published') throw refuse('forbidden')
}
