import type { Json } from '../../../core/json.ts'
import { type Call, demand } from './call.ts'
import * as errors from './errors.ts'
import type { Ask } from './grammar.ts'
import { hashtagView } from './views/hashtag-view.ts'
import { entry, readPath } from './views/view.ts'
import { Hashtag } from './world/hashtags.ts'
import { userId } from './world/ids.ts'
import { DAY } from './world/time.ts'

const WEEK = 7 * DAY

/** When each account that asks has named which hashtags; those of seven days count. */
export class HashtagsNamed {
  readonly #named = new Map<string, Map<string, number>>()

  /** What a name counts against the limit from when it is named first; calls later in that week change nothing. */
  count(account: string, name: string, now: number, most: number): void {
    const names = this.#named.get(account) ?? new Map<string, number>()
    this.#named.set(account, names)
    for (const [each, at] of names) if (now - at >= WEEK) names.delete(each)
    if (names.has(name)) return
    if (names.size >= most) throw errors.hashtagLimit(most)
    names.set(name, now)
  }
}

/** `/ig_hashtag_search`: the id of a hashtag (docs/networks/instagram.md §22). */
export const searchHashtag = (call: Call, named: HashtagsNamed): Json => {
  const account = askerOf(call)
  const name = (call.params.get('q') ?? '').toLowerCase()
  if (name === '') throw errors.badParameter('The parameter q is required')
  named.count(account, name, call.now, call.option('hashtags'))
  const found = Hashtag.named(call.world, name)
  if (found === null) throw errors.noSuchHashtag()
  return { data: [{ id: found.id }] }
}

/** `/{hashtag-id}/top_media` and `/recent_media`. */
export const readHashtag = (
  hashtag: Hashtag,
  edgeName: string | undefined,
  asks: readonly Ask[] | null,
  call: Call,
  named: HashtagsNamed,
): Json => {
  named.count(askerOf(call), hashtag.name, call.now, call.option('hashtags'))
  if (edgeName === undefined) return { name: hashtag.name, id: hashtag.id }
  const edge = entry(hashtagView.edges, edgeName)
  if (edge === undefined) throw errors.unknownPath(edgeName)
  return readPath(edge, `${hashtag.id}/${edgeName}`, hashtag, asks, call)
}

/** The account that asks, which the token must manage; the Instagram host has no hashtags. */
const askerOf = (call: Call): string => {
  if (call.host === 'instagram') throw errors.unknownPath('ig_hashtag_search')
  demand(call, 'discovery')
  const account = call.params.get('user_id')
  if (account === null) throw errors.badParameter('The parameter user_id is required')
  if (!call.grant.accounts.some(index => userId(index) === account)) throw errors.unsupportedRequest(account)
  return account
}
