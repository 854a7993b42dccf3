import { between, chance, digits, hash32, sentence, unit } from '../../../seeded.ts'
import { DAY } from './creators.ts'
import { commentId } from './ids.ts'
import { isUnnoticed, type Video } from './videos.ts'

/** A comment or reply as it stands at a moment. */
export interface Comment {
  readonly video: Video
  readonly index: number
  readonly id: bigint
  /** Epoch seconds. */
  readonly created: number
  /** The comment that it answers, always one of the top level; null = the video. */
  readonly parent: Comment | null
  readonly likes: number
  /** Replies that can be seen. */
  readonly replies: number
  readonly text: string
}

/** How many a video will ever have. */
const totalOf = (video: Video): number => {
  const talked = video.creator.part.talkedOf
  if (talked?.video === video.index) return talked.comments
  if (isUnnoticed(video) || chance(0.35, video.key, 'silent')) return 0
  if (chance(0.02, video.key, 'talked of')) return between(120, 260, video.key, 'comments')
  return Math.floor(2 + 38 * unit(video.key, 'comments') ** 2)
}

/** Many come at once, the last of them up to two years later; so old videos go on to get new ones. */
const lifeOf = (video: Video): number =>
  video.creator.part.talkedOf?.video === video.index
    ? 60 * DAY
    : between(30 * DAY, 700 * DAY, video.key, 'life')

const timeOf = (video: Video, total: number, life: number, index: number): number =>
  video.created + 60 + Math.floor(life * ((index + unit(video.key, 'when', index)) / total) ** 3)

/** Comments and replies ever made by a moment, deleted ones too: what `comment_count` says. */
export const countCommentsUntil = (video: Video, at: number): number => {
  const total = totalOf(video)
  const life = lifeOf(video)
  let low = 0
  let high = total
  while (low < high) {
    const middle = (low + high) >> 1
    if (timeOf(video, total, life, middle) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** The comments and replies of a video that can be seen at a moment, oldest first. A reply goes with what it answers. */
export const commentsOf = (video: Video, at: number): readonly Comment[] => {
  const total = totalOf(video)
  const life = lifeOf(video)
  const count = countCommentsUntil(video, at)
  const seen: (Counted | undefined)[] = []
  let thread = 0
  for (let index = 0; index < count; index++) {
    const key = hash32(video.key, 'comment', index)
    const isReply = index > 0 && chance(0.3, key, 'reply')
    if (!isReply) thread = index
    const created = timeOf(video, total, life, index)
    const gone =
      index > 0 && chance(0.03, key, 'deleted') && created + between(600, 90 * DAY, key, 'until') <= at
    const parent = isReply ? seen[chance(0.5, key, 'first') ? 0 : thread] : null
    if (gone || parent === undefined) continue
    const ceiling = parent === null ? Math.floor(4 + 3000 * unit(key, 'likes') ** 6) : parent.likes
    const grown = Math.min(1, Math.floor((at - created) / DAY + 1) / 20)
    seen[index] = {
      video,
      index,
      id: commentId({ creator: video.creator.index, index: video.index, comment: index }, created),
      created,
      parent,
      likes: Math.floor(ceiling * (parent === null ? grown : unit(key, 'share'))),
      replies: 0,
      text: textOf(key),
    }
    if (parent !== null) parent.replies++
  }
  return seen.filter(comment => comment !== undefined)
}

/** While its replies are still being counted. */
type Counted = Omit<Comment, 'replies' | 'parent'> & { replies: number; readonly parent: Counted | null }

/** Now and then empty (a sticker), or with a number masked. */
const textOf = (key: number): string => {
  if (chance(0.1, key, 'sticker')) return ''
  const masked = chance(0.05, key, 'masked') ? ` call ${digits(2, key)}******${digits(2, key, 'end')}` : ''
  return sentence(1, 12, key) + masked + (chance(0.02, key, 'nul') ? '\u0000' : '')
}

/** The order of the list: likes falling, the older first where they are equal. */
export const byLikes = (a: Comment, b: Comment): number => b.likes - a.likes || a.index - b.index
