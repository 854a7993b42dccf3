import { pick } from '../../../seeded.ts'
import { Account } from './account.ts'
import { KNOWN, OWN, type Role, SIZES, type Size } from './cast.ts'
import type { Child } from './child.ts'
import type { Comment } from './comment.ts'
import { readCommentId, readMediaId, readUserId } from './ids.ts'
import type { Post } from './post.ts'
import { STORY_BASE, type Story } from './story.ts'
import { Thread } from './thread.ts'
import { DAY, FROZEN_AT, MOVING_SINCE } from './time.ts'

const PLACES: readonly [string, ...string[]] = [
  'atelier',
  'bakery',
  'cafe',
  'field',
  'harbour',
  'lumen',
  'studio',
  'tales',
]
const TREES: readonly [string, ...string[]] = [
  'alder',
  'birch',
  'cedar',
  'elm',
  'fir',
  'larch',
  'oak',
  'pine',
]

/**
 * The world as it is at one moment. Everything in it is a function of seed, size, place and time: handles are
 * made where they are looked at, and nothing is kept.
 */
export class World {
  readonly key: string
  readonly size: Size
  /** The first moment: accounts have their first number of posts here, and nothing has changed yet. Epoch milliseconds. */
  readonly first: number
  /** Now. */
  readonly at: number
  /** Whole days since the first moment. */
  readonly day: number

  /** `now` = null: frozen. */
  constructor(seed: number, size: keyof typeof SIZES, now: number | null) {
    this.key = `instagram/${seed}`
    this.size = SIZES[size]
    this.first = now === null ? FROZEN_AT : MOVING_SINCE
    this.at = now ?? FROZEN_AT
    this.day = this.dayOf(this.at)
  }

  /** Whole days from the first moment; negative before it. */
  dayOf(at: number): number {
    return Math.floor((at - this.first) / DAY)
  }

  /** All accounts, the own ones first. */
  get accountCount(): number {
    return OWN.length + this.size.others
  }

  account(index: number): Account | null {
    return index >= 0 && index < this.accountCount ? new Account(this, index, this.#role(index)) : null
  }

  /** All but the own accounts. */
  *others(): Generator<Account> {
    for (let index = OWN.length; index < this.accountCount; index++) {
      const account = this.account(index)
      if (account !== null) yield account
    }
  }

  accountById(id: string): Account | null {
    const index = readUserId(id)
    return index === null ? null : this.account(index)
  }

  /** Who has this name now, as discovery would find it: never a personal account. */
  accountByName(username: string): Account | null {
    const known = [...OWN, ...KNOWN].findIndex(
      role => role.username === username || role.renamed?.to === username,
    )
    const index = known === -1 ? Number(/\d{1,6}$/.exec(username)?.[0] ?? -1) : known
    const account = this.account(index)
    return account?.username === username && !account.personal ? account : null
  }

  /** The post, child or story of this id, whoever owns it; null where it is not there now. */
  medium(id: string): Post | Child | Story | null {
    const place = readMediaId(id)
    const account = place === null ? null : this.account(place.account)
    if (place === null || account === null) return null
    if (place.post >= STORY_BASE) return place.child === 0 ? account.liveStory(place.post) : null
    const post = account.livePost(place.post)
    return post === null || place.child === 0 ? post : (post.children[place.child - 1] ?? null)
  }

  /** The comment or reply of this id under a post of our own; null where it is not there now. */
  comment(id: string): Comment | null {
    const place = readCommentId(id)
    const account = place === null ? null : this.account(place.account)
    if (place === null || !account?.own) return null
    const top = account.livePost(place.post)?.comments.live(place.comment) ?? null
    return top === null || place.reply === 0 ? top : Thread.answering(top).live(place.reply - 1)
  }

  #role(index: number): Role {
    const role = OWN[index] ?? KNOWN[index - OWN.length]
    if (role !== undefined) return role
    const place = pick(PLACES, this.key, index, 'place')
    return { username: `${place}.${pick(TREES, this.key, index, 'tree')}${index}` }
  }
}
