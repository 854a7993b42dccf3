import { between, chance, hash32, sentence, unit } from '../../../seeded.ts'
import type { Account } from './account.ts'
import { OWN, STRANGE } from './cast.ts'
import { edition, likesHiddenLater } from './changes.ts'
import { Child } from './child.ts'
import { igId, mediaId, shortcode } from './ids.ts'
import { isKnownThread, Thread } from './thread.ts'
import { DAY, grown } from './time.ts'

export type MediaType = 'IMAGE' | 'VIDEO' | 'CAROUSEL_ALBUM'
export type ProductType = 'FEED' | 'REELS' | 'STORY'

/** A post of an account, made before the world's moment. Every value is made when it is asked for. */
export class Post {
  readonly account: Account
  /** 0 = the account's oldest. */
  readonly index: number
  readonly key: string
  readonly id: string
  readonly createdAt: number
  readonly #kind: 'image' | 'album' | 'reel' | 'film'
  #children: readonly Child[] | null = null
  #commentsCount: number | null = null

  constructor(account: Account, index: number) {
    this.account = account
    this.index = index
    this.key = `${account.key}/${index}`
    this.id = mediaId({ account: account.index, post: index, child: 0 })
    this.createdAt = account.postTime(index)
    const { kinds } = account.role
    const roll = unit(this.key, 'kind')
    if (kinds !== undefined) this.#kind = kinds === 'albums' ? 'album' : 'reel'
    else this.#kind = roll < 0.45 ? 'image' : roll < 0.7 ? 'album' : roll < 0.95 ? 'reel' : 'film'
  }

  get #ageDays(): number {
    return Math.floor((this.account.world.at - this.createdAt) / DAY)
  }

  get mediaType(): MediaType {
    return this.#kind === 'image' ? 'IMAGE' : this.#kind === 'album' ? 'CAROUSEL_ALBUM' : 'VIDEO'
  }

  get productType(): ProductType {
    return this.#kind === 'reel' ? 'REELS' : 'FEED'
  }

  get caption(): string | null {
    const { captions } = this.account.role
    if (captions === 'strange') return STRANGE[this.index % STRANGE.length] ?? null
    if (captions === 'long' && this.index === 1) return LONG
    if (chance(0.08, this.key, 'no caption')) return null
    return sentence(4, 24, this.key, 'caption', edition(this.key, this.createdAt, this.account.world))
  }

  /** As those read it who do not manage the account: without the signs of mentions (docs/networks/instagram.md §6). */
  get publicCaption(): string | null {
    return this.account.own ? this.caption : (this.caption?.replaceAll('@', '') ?? null)
  }

  get igId(): string {
    return igId(this.createdAt, hash32(this.key, 'ig'))
  }

  get shortcode(): string {
    return shortcode(this.createdAt, hash32(this.key, 'ig'))
  }

  get permalink(): string {
    return `https://www.instagram.com/${this.productType === 'REELS' ? 'reel' : 'p'}/${this.shortcode}/`
  }

  get likes(): number {
    const total = Math.floor(this.account.followers * (0.005 + 0.08 * unit(this.key, 'likes')))
    return grown(total, this.#ageDays, 3)
  }

  /** Then only the owner learns the number, and only of a post that is asked for by itself. */
  get likesHidden(): boolean {
    if (this.account.role.likes === 'hidden' || chance(0.04, this.key, 'hidden')) return true
    return likesHiddenLater(this.key, this.createdAt, this.account.world)
  }

  get views(): number {
    return this.likes * between(6, 30, this.key, 'views') + grown(50, this.#ageDays, 2)
  }

  get shares(): number {
    return Math.floor(this.likes * 0.3 * unit(this.key, 'shares'))
  }

  get saves(): number {
    return Math.floor(this.likes * 0.2 * unit(this.key, 'saves'))
  }

  get reposts(): number {
    return Math.floor(this.likes * 0.05 * unit(this.key, 'reposts'))
  }

  get commentsEnabled(): boolean {
    return isKnownThread(this) || !chance(0.04, this.key, 'comments off')
  }

  /** Under our own posts what is really there, replies and unlisted ones included; under others' only a number. */
  get commentsCount(): number {
    this.#commentsCount ??= this.#countComments()
    return this.#commentsCount
  }

  #countComments(): number {
    if (this.account.own) return this.comments.declared
    return this.commentsEnabled ? grown(between(0, 160, this.key, 'comments'), this.#ageDays, 3) : 0
  }

  /** Only asked of own posts. */
  get comments(): Thread {
    return Thread.under(this)
  }

  /** False where the sound is licensed, or the owner forbids downloads. */
  get hasFile(): boolean {
    return this.productType !== 'REELS' || !chance(0.06, this.key, 'no file')
  }

  get altText(): string | null {
    return chance(0.2, this.key, 'alt') ? sentence(2, 9, this.key, 'alt text') : null
  }

  /** Insights begin when the account became a professional one. */
  get beforeConversion(): boolean {
    return this.index < this.account.firstPosts * 0.1
  }

  /** The account that made it together with this one, or null. */
  get collaborator(): Account | null {
    if (!chance(0.04, this.key, 'together')) return null
    const { world } = this.account
    return world.account(between(OWN.length, world.accountCount - 1, this.key, 'collaborator'))
  }

  get children(): readonly Child[] {
    this.#children ??= this.#makeChildren()
    return this.#children
  }

  #makeChildren(): readonly Child[] {
    if (this.#kind !== 'album') return []
    const most = this.account.role.kinds === 'albums' ? 20 : 10
    return Array.from({ length: between(2, most, this.key, 'children') }, (_, at) => new Child(this, at))
  }
}

/** About 100 kB. */
const LONG = 'one long caption that does not end so soon '.repeat(2400)
