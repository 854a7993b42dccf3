import { between, chance, handle, sentence } from '../../../seeded.ts'
import { isDeleted } from './changes.ts'
import { commentId } from './ids.ts'
import type { Post } from './post.ts'
import { DAY, grown } from './time.ts'

/** A comment under a post of our own, or a reply to one. */
export class Comment {
  readonly post: Post
  readonly index: number
  readonly parent: Comment | null
  readonly createdAt: number
  readonly key: string

  constructor(post: Post, index: number, parent: Comment | null, createdAt: number) {
    this.post = post
    this.index = index
    this.parent = parent
    this.createdAt = createdAt
    this.key = `${parent?.key ?? post.key}/${index}`
  }

  get id(): string {
    const [comment, reply] = this.parent === null ? [this.index, 0] : [this.parent.index, this.index + 1]
    return commentId({ account: this.post.account.index, post: this.post.index, comment, reply })
  }

  get deleted(): boolean {
    return isDeleted(0.06, this.key, this.createdAt, this.post.account.world)
  }

  /** Counted and never listed: by a restricted user. */
  get withheld(): boolean {
    return chance(0.02, this.key, 'withheld')
  }

  /** Missing where the comment is a picture. */
  get text(): string | null {
    if (chance(0.02, this.key, 'no text')) return null
    const text = sentence(1, 16, this.key, 'text')
    return chance(0.003, this.key, 'nul') ? `${text}\u0000.` : text
  }

  get hidden(): boolean {
    return chance(0.03, this.key, 'hidden')
  }

  get likes(): number {
    const age = Math.floor((this.post.account.world.at - this.createdAt) / DAY)
    return grown(between(0, 12, this.key, 'likes'), age, 2)
  }

  /** Whether the post's own account wrote it. */
  get byOwner(): boolean {
    return chance(this.parent === null ? 0.03 : 0.35, this.key, 'by owner')
  }

  /** One of some hundred regulars. */
  get #writer(): number {
    return between(0, 400, this.key, 'writer')
  }

  /** Whether the account that wrote it is gone. */
  get #orphaned(): boolean {
    return chance(0.01, this.key, 'orphaned')
  }

  /** The scoped id of who wrote it, or null where the network does not say. */
  get authorId(): string | null {
    if (this.byOwner) return this.post.account.id
    if (this.#orphaned || chance(0.03, this.key, 'no from')) return null
    return `9${String(100_000_000_000_000 + this.post.account.index * 1_000_000 + this.#writer)}`
  }

  /** Null where the network does not say. */
  get authorName(): string | null {
    if (this.byOwner) return this.post.account.username
    if (this.#orphaned || chance(0.02, this.key, 'no username')) return null
    return `${handle(this.post.account.world.key, 'writer', this.#writer)}_${this.#writer}`
  }
}
