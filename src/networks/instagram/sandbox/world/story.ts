import { chance, hash32, unit } from '../../../seeded.ts'
import type { Account } from './account.ts'
import { igId, mediaId } from './ids.ts'
import { Thread } from './thread.ts'
import { HOUR, wholeSeconds } from './time.ts'

/** Stories count from here in the places of media; the one after the world's first moment is the middle. */
export const STORY_BASE = 400_000
const MIDDLE = 700_000
const INTERVAL = 7 * HOUR

const timeOf = (account: Account, index: number): number =>
  wholeSeconds(
    account.world.first + (index - MIDDLE + 0.1 + 0.8 * unit(account.key, index, 'story time')) * INTERVAL,
  )

/** A story of an own account: there for 24 hours. */
export class Story {
  readonly account: Account
  readonly index: number
  readonly key: string
  readonly id: string
  readonly productType = 'STORY'
  readonly caption = null
  readonly likes = 0
  readonly likesHidden = false
  readonly hasFile = true
  readonly children: readonly never[] = []
  readonly comments = Thread.NONE

  constructor(account: Account, index: number) {
    this.account = account
    this.index = index
    this.key = `${account.key}/${index}`
    this.id = mediaId({ account: account.index, post: index, child: 0 })
  }

  /** The index of the first story made after a moment. */
  static next(account: Account, at: number): number {
    const index = MIDDLE + Math.floor((at - account.world.first) / INTERVAL)
    return timeOf(account, index) <= at ? index + 1 : index
  }

  get createdAt(): number {
    return timeOf(this.account, this.index)
  }

  get mediaType(): 'IMAGE' | 'VIDEO' {
    return chance(0.4, this.key, 'film') ? 'VIDEO' : 'IMAGE'
  }

  get igId(): string {
    return igId(this.createdAt, hash32(this.key, 'ig'))
  }

  get permalink(): string {
    return `https://instagram.com/stories/${this.account.username}/${this.igId}`
  }

  /** Missing on some, as recorded. */
  get commentsCount(): number | null {
    return chance(0.5, this.key, 'no comments count') ? null : 0
  }

  /** Under five, insights are refused. */
  get viewers(): number {
    return chance(0.2, this.key, 'few viewers') ? 3 : 20 + (hash32(this.key, 'viewers') % 2_000)
  }
}
