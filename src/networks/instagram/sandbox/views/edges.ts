import { type Call, demand } from '../call.ts'
import * as errors from '../errors.ts'
import { HABITS, type PagingHabit, type Track, turn, writeCursor } from '../paging.ts'
import type { Capability } from '../tokens.ts'
import type { Account } from '../world/account.ts'
import type { Comment } from '../world/comment.ts'
import type { Hashtag } from '../world/hashtags.ts'
import type { Post } from '../world/post.ts'
import { Story } from '../world/story.ts'
import { Thread } from '../world/thread.ts'
import { type Edge, type EdgeAsk, read, type View } from './view.ts'

/** How an edge lists its items (docs/networks/instagram.md §8). */
interface Listing<T, U> {
  readonly track: (item: T, ask: EdgeAsk, call: Call) => Track<U>
  readonly view: View<U>
  readonly habit: PagingHabit
  /** Items on a page unless `limit` says otherwise; the most there can be, and whether more is refused or cut. */
  readonly usual: (call: Call) => number
  readonly most: (call: Call) => number
  readonly above: 'refused' | 'cut'
  readonly needs?: Capability
}

const list =
  <T, U>({ track, view, habit, usual, most, above, needs }: Listing<T, U>): Edge<T> =>
  (item, ask, call) => {
    if (needs !== undefined) demand(call, needs)
    const asked = wholeNumber('limit', ask.param('limit')) ?? usual(call)
    if (asked > most(call) && above === 'refused') throw errors.tooMuchData()
    const limit = Math.min(asked, most(call))
    const places = track(item, ask, call)
    const { items, span, earlier, later } = turn(places, {
      limit,
      after: ask.param('after'),
      before: ask.param('before'),
      vanished: call.option('vanished-cursor'),
    })
    const data = items.map(each => read(view, each, ask.fields, call))
    if (span === null) return { data }
    const before = writeCursor(places.name, span[0])
    const after = writeCursor(places.name, span[1])
    const link = (side: 'before' | 'after'): string =>
      ask.link({ limit: String(limit), [side]: side === 'after' ? after : before })
    const paging = habit({ before, after, earlier, later, link })
    return paging === undefined ? { data } : { data, paging }
  }

const wholeNumber = (name: string, text: string | null): number | null => {
  if (text === null) return null
  if (!/^[1-9]\d{0,8}$/.test(text)) throw errors.badParameter(`Param ${name} must be a positive integer`)
  return Number(text)
}

/** Unix seconds, or any date that can be read; epoch milliseconds, null where not given. */
export const moment = (name: string, text: string | null): number | null => {
  if (text === null) return null
  const at = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(at)) throw errors.badParameter(`Param ${name} must be a valid date`)
  return at
}

/** An account's posts, newest first, as far back as the network lists them; since and until both inclusive. */
const posts = (account: Account, since: number | null, until: number | null, depth: number): Track<Post> => {
  const made = account.postsMade
  const oldest = Math.max(0, made - depth)
  const asked = since === null ? 0 : account.postsUntil(since - 1)
  return {
    name: `${account.id}/media`,
    first: (until === null ? made : Math.min(made, account.postsUntil(until))) - 1,
    last: Math.max(oldest, asked),
    step: -1,
    capped: oldest > asked,
    slot: index => {
      if (index >= made || account.isDeleted(index)) return 'gone'
      return account.isWithheld(index) ? 'withheld' : account.post(index)
    },
  }
}

const dated = (account: Account, ask: EdgeAsk, call: Call): Track<Post> =>
  posts(
    account,
    moment('since', ask.param('since')),
    moment('until', ask.param('until')),
    call.option('depth'),
  )

const comments = (name: string, thread: Thread, step: 1 | -1, call: Call): Track<Comment> => ({
  name,
  first: step === 1 ? 0 : thread.made - 1,
  last: step === 1 ? thread.made - 1 : 0,
  step,
  slot: index => {
    const comment = thread.live(index)
    if (comment === null) return 'gone'
    return comment.withheld || (comment.hidden && !call.option('hidden-comments')) ? 'withheld' : comment
  },
})

const MEDIA = {
  usual: () => 25,
  most: (call: Call) => call.option('media-limit'),
  above: 'refused',
} as const

const COMMENTS = {
  habit: HABITS.comments,
  usual: (call: Call) => Math.min(50, call.option('comment-page')),
  most: () => 50,
  above: 'cut',
  needs: 'comments',
} as const

export const mediaEdge = (view: View<Post>): Edge<Account> =>
  list({ ...MEDIA, view, habit: HABITS.media, track: dated })

/** Cursors and never an address; dates are undocumented there. */
export const discoveredMediaEdge = (view: View<Post>): Edge<Account> =>
  list({
    ...MEDIA,
    view,
    habit: HABITS.discovery,
    track: (account, ask, call) =>
      call.option('discovery-dates')
        ? dated(account, ask, call)
        : posts(account, null, null, call.option('depth')),
  })

export const storiesEdge = (view: View<Story>): Edge<Account> =>
  list({
    view,
    habit: HABITS.stories,
    usual: () => 25,
    most: () => 100,
    above: 'cut',
    track: account => {
      const [from, to] = account.liveStories
      return {
        name: `${account.id}/stories`,
        first: to - 1,
        last: from,
        step: -1,
        slot: index => new Story(account, index),
      }
    },
  })

/** Newest first, at most 50 (docs/networks/instagram.md §6). */
export const commentsEdge = (view: View<Comment>): Edge<Post | Story> => {
  const listed = list<Post | Story, Comment>({
    ...COMMENTS,
    view,
    track: (post, _, call) => comments(`${post.id}/comments`, post.comments, -1, call),
  })
  return (item, ask, call) =>
    ask.nested && !call.option('nested-comments') ? { data: [] } : listed(item, ask, call)
}

/** Oldest first; a reply has none. */
export const repliesEdge = (view: View<Comment>): Edge<Comment> =>
  list({
    ...COMMENTS,
    view,
    track: (comment, _, call) => comments(`${comment.id}/replies`, Thread.answering(comment), 1, call),
  })

/** Posts as they are given. */
const inOrder = (name: string, posts: readonly Post[]): Track<Post> => ({
  name,
  first: 0,
  last: posts.length - 1,
  step: 1,
  slot: index => posts[index] ?? 'gone',
})

/** Posts of others in the order given, which is not that of time. */
export const othersEdge = (
  name: string,
  posts: (account: Account) => readonly Post[],
  view: View<Post>,
): Edge<Account> =>
  list({
    ...MEDIA,
    view,
    habit: HABITS.comments,
    track: account => inOrder(`${account.id}/${name}`, posts(account)),
  })

/** What a hashtag has, at most 50 on a page; nothing at all is said on the last one. */
export const hitsEdge = (
  name: string,
  posts: (hashtag: Hashtag) => readonly Post[],
  view: View<Post>,
): Edge<Hashtag> =>
  list({
    ...MEDIA,
    most: () => 50,
    above: 'cut',
    view,
    habit: HABITS.comments,
    track: hashtag => inOrder(`${hashtag.id}/${name}`, posts(hashtag)),
  })

/** All at once, without paging, in the order of `items`. */
export const wholeEdge =
  <T, U>(items: (item: T, call: Call) => readonly U[], view: View<U>): Edge<T> =>
  (item, ask, call) => ({ data: items(item, call).map(each => read(view, each, ask.fields, call)) })
