import { between, chance, sentence, unit } from '../../../seeded.ts'
import { OWN, type Role } from './cast.ts'
import { isDeleted } from './changes.ts'
import { userId } from './ids.ts'
import { Post } from './post.ts'
import { Story } from './story.ts'
import { DAY, HOUR, wholeSeconds } from './time.ts'
import type { World } from './world.ts'

/** No post is older than this, so that all media ids have 19 digits. */
const HISTORY = 10.5 * 365 * DAY
/** One post in so many can be deleted one day, so that counting the deleted stays cheap. */
const FRAGILE = 16

/** One professional account at the world's moment. */
export class Account {
  readonly world: World
  readonly index: number
  readonly role: Role
  readonly key: string
  readonly id: string
  readonly followers: number
  /** Posts at the world's first moment; post 0 is the oldest. */
  readonly firstPosts: number
  readonly #interval: number

  constructor(world: World, index: number, role: Role) {
    this.world = world
    this.index = index
    this.role = role
    this.key = `${world.key}/${index}`
    this.id = userId(index)
    const { size, day } = world
    const first = between(150, 90_000, this.key, 'followers')
    this.followers = Math.max(0, first + Math.floor(day * between(-3, 40, this.key, 'followers a day')))
    this.firstPosts = role.posts ?? (this.own ? size.ownPosts : between(...size.posts, this.key, 'posts'))
    const hours = this.own ? between(20, 40, this.key, 'pace') : between(14, 150, this.key, 'pace')
    this.#interval = Math.min(hours * HOUR, HISTORY / Math.max(1, this.firstPosts))
  }

  /** Whether the tokens manage it. */
  get own(): boolean {
    return this.index < OWN.length
  }

  get username(): string {
    const { renamed, username } = this.role
    return renamed !== undefined && this.world.day >= renamed.day ? renamed.to : username
  }

  /** A personal account answers to nobody. */
  get personal(): boolean {
    const [from, to] = this.role.personal ?? [0, 0]
    return this.world.day >= from && this.world.day < to
  }

  get name(): string | null {
    return chance(0.05, this.key, 'no name') ? null : sentence(1, 3, this.key, 'name')
  }

  get biography(): string | null {
    const edited = this.world.day >= 1 && chance(0.1, this.key, 'new bio')
    return chance(0.15, this.key, 'no bio') ? null : sentence(3, 18, this.key, 'bio', edited ? 1 : 0)
  }

  get website(): string | null {
    return chance(0.5, this.key, 'website') ? `https://${this.role.username}.example/` : null
  }

  get hasPicture(): boolean {
    return !chance(0.05, this.key, 'no picture')
  }

  get type(): 'BUSINESS' | 'MEDIA_CREATOR' {
    return chance(0.5, this.key, 'business') ? 'BUSINESS' : 'MEDIA_CREATOR'
  }

  /** The legacy id: a JSON number. */
  get legacyId(): number {
    return between(1_000_000_000, 60_000_000_000, this.key, 'legacy')
  }

  get follows(): number {
    return between(0, 2_000, this.key, 'follows') + Math.floor(this.world.day / 9)
  }

  /** Impressions of a day, which its allowance of calls grows with (docs/networks/instagram.md §9). */
  get impressions(): number {
    return between(2_000, 80_000, this.key, 'impressions')
  }

  /** When a post was or will be made: strictly rising with the index, the first `firstPosts` before the first moment. */
  postTime(index: number): number {
    const place = index - this.firstPosts + 0.1 + 0.8 * unit(this.key, index, 'time')
    return wholeSeconds(this.world.first + place * this.#interval)
  }

  /** How many posts were made up to and including a moment: posts 0 … n-1. */
  postsUntil(at: number): number {
    const next = Math.max(0, this.firstPosts + Math.floor((at - this.world.first) / this.#interval))
    return this.postTime(next) <= at ? next + 1 : next
  }

  get postsMade(): number {
    return this.postsUntil(this.world.at)
  }

  /** A post that was made, deleted or not. */
  post(index: number): Post {
    return new Post(this, index)
  }

  /** A post that is there: made, and not deleted now. */
  livePost(index: number): Post | null {
    return index >= 0 && index < this.postsMade && !this.isDeleted(index) ? this.post(index) : null
  }

  isDeleted(index: number): boolean {
    if (index % FRAGILE !== 7 || this.world.day < 1) return false
    return isDeleted(0.8, `${this.key}/${index}`, this.postTime(index), this.world)
  }

  /** Whether a post is counted and yet never listed. */
  isWithheld(index: number): boolean {
    const [from, to] = this.role.withheld ?? [0, 0]
    if (index >= from && index < to) return true
    return this.role.posts === undefined && index % 37 === 5
  }

  /** Some posts of others that show or are made together with this account, in no order of time. */
  postsElsewhere(what: 'tagged' | 'together'): readonly Post[] {
    const { world } = this
    return Array.from({ length: what === 'tagged' ? 30 : 6 }, (_, at): Post | null => {
      const other = world.account(between(OWN.length, world.accountCount - 1, this.key, what, at))
      if (other === null || other.postsMade === 0) return null
      return other.livePost(between(0, other.postsMade - 1, this.key, what, at, 'post'))
    }).filter(post => post !== null)
  }

  get mediaCount(): number {
    const made = this.postsMade
    let deleted = 0
    if (this.world.day >= 1) {
      for (let index = 7; index < made; index += FRAGILE) if (this.isDeleted(index)) deleted++
    }
    return made - deleted
  }

  /** The stories of the last 24 hours, as their indexes: the first and the one after the last. */
  get liveStories(): readonly [from: number, to: number] {
    return [Story.next(this, this.world.at - DAY), Story.next(this, this.world.at)]
  }

  liveStory(index: number): Story | null {
    const [from, to] = this.liveStories
    return this.own && index >= from && index < to ? new Story(this, index) : null
  }
}
