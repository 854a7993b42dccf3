import { chance, hash32, sentence } from '../../../seeded.ts'
import type { Account } from './account.ts'
import { igId, mediaId } from './ids.ts'
import type { Post } from './post.ts'

/** One picture or film of an album. */
export class Child {
  readonly post: Post
  /** From 0. */
  readonly position: number
  readonly id: string
  readonly mediaType: 'IMAGE' | 'VIDEO'

  constructor(post: Post, position: number) {
    this.post = post
    this.position = position
    this.mediaType = position > 0 && chance(0.25, post.key, 'film', position) ? 'VIDEO' : 'IMAGE'
    this.id = mediaId({ account: post.account.index, post: post.index, child: position + 1 })
  }

  get account(): Account {
    return this.post.account
  }

  get createdAt(): number {
    return this.post.createdAt
  }

  /** A film with licensed sound comes without its address. */
  get hasFile(): boolean {
    return this.mediaType === 'IMAGE' || !chance(0.1, this.post.key, 'no file', this.position)
  }

  get altText(): string | null {
    return chance(0.2, this.post.key, 'alt', this.position)
      ? sentence(2, 9, this.post.key, 'alt text', this.position)
      : null
  }

  get igId(): string {
    return igId(this.createdAt, hash32(this.post.key, 'ig', this.position))
  }
}
