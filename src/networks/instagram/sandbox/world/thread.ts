import { between, chance, unit } from '../../../seeded.ts'
import { Comment } from './comment.ts'
import type { Post } from './post.ts'
import { countUntil, DAY, HOUR, wholeSeconds } from './time.ts'

/** Threads of known lengths under the newest own account, by how many posts are newer at the first moment. */
const KNOWN_LENGTHS: Readonly<Record<number, number>> = { 60: 130, 62: 60, 64: 25, 66: 50, 68: 0, 70: 51 }
/** Replies to the third and the seventh comment of the longest one. */
const KNOWN_REPLIES: Readonly<Record<number, number>> = { 3: 30, 7: 60 }
const LONGEST = 60

/** Comments under a post, or replies to a comment: 0 is the oldest. Only posts of our own have them. */
export class Thread {
  /** How many there are or were at the world's moment, deleted ones included. */
  readonly made: number
  readonly #item: (index: number) => Comment | null

  constructor(made: number, item: (index: number) => Comment | null) {
    this.made = made
    this.#item = item
  }

  static readonly NONE = new Thread(0, () => null)

  static under(post: Post): Thread {
    const item = (index: number): Comment => new Comment(post, index, null, timeOf(index))
    const { at, first } = post.account.world
    const length = post.commentsEnabled ? lengthOf(post) : 0
    const days = between(3, 20, post.key, 'talk')
    const late = chance(0.1, post.key, 'late talk') ? between(150, 900, post.key, 'late talk') * HOUR : null
    // Most come early; then silence, or one now and then, but none of these before the world moves.
    const timeOf = (index: number): number => {
      if (index < length) {
        const share = (index + 0.1 + 0.8 * unit(post.key, 'comment time', index)) / length
        return wholeSeconds(post.createdAt + days * DAY * share * share)
      }
      const silence = Math.max(first, post.createdAt + days * DAY)
      return wholeSeconds(silence + (index - length + 0.5) * (late ?? 0))
    }
    const after = late === null || !post.commentsEnabled ? 0 : lateCount(at - first, late)
    return new Thread(countUntil(Math.min(length + after, 9_999), timeOf, at), item)
  }

  /** A reply is never answered itself: answers to it stand under the comment. */
  static answering(comment: Comment): Thread {
    if (comment.parent !== null) return Thread.NONE
    const { post, key, createdAt } = comment
    const { at, first } = post.account.world
    const length = repliesOf(comment)
    const pace = between(1, 9, key, 'pace') * HOUR
    const late = chance(0.02, key, 'late replies') ? between(500, 2_000, key, 'late replies') * HOUR : null
    const timeOf = (index: number): number => {
      if (index < length)
        return wholeSeconds(createdAt + (index + 0.2 + 0.6 * unit(key, 'time', index)) * pace)
      return wholeSeconds(Math.max(first, createdAt + length * pace) + (index - length + 0.5) * (late ?? 0))
    }
    const made = countUntil(
      Math.min(length + (late === null ? 0 : lateCount(at - first, late)), 999),
      timeOf,
      at,
    )
    return new Thread(made, index => new Comment(post, index, comment, timeOf(index)))
  }

  /** Made, and not deleted now. */
  live(index: number): Comment | null {
    if (index < 0 || index >= this.made) return null
    const comment = this.#item(index)
    return comment?.deleted ? null : comment
  }

  /** What the post's counter says: replies and unlisted ones included. */
  get declared(): number {
    let count = 0
    for (let index = 0; index < this.made; index++) {
      const comment = this.live(index)
      if (comment !== null) count += 1 + Thread.answering(comment).declared
    }
    return count
  }
}

/** More than enough late ones for any moment; how many are there already is counted by their times. */
const lateCount = (elapsed: number, pace: number): number => Math.max(0, Math.ceil(elapsed / pace) + 1)

/** How many posts of the first own account are newer at the first moment; null for other accounts' posts. */
const rankOf = ({ account, index }: Post): number | null =>
  account.index === 0 ? account.firstPosts - 1 - index : null

/** Whether a post has a thread of a length that tests rely on. */
export const isKnownThread = (post: Post): boolean => (rankOf(post) ?? -1) in KNOWN_LENGTHS

const lengthOf = (post: Post): number =>
  KNOWN_LENGTHS[rankOf(post) ?? -1] ?? between(...post.account.world.size.comments, post.key, 'comments')

const repliesOf = (comment: Comment): number => {
  const { post, index } = comment
  const known = rankOf(post) === LONGEST ? KNOWN_REPLIES[index] : undefined
  return known ?? (index % 3 === 1 ? between(0, 3, comment.key, 'replies') : 0)
}
