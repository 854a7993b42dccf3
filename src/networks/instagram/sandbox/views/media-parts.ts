import type { Json } from '../../../../core/json.ts'
import type { Call } from '../call.ts'
import type { GraphError } from '../errors.ts'
import type { Child } from '../world/child.ts'
import { Post } from '../world/post.ts'
import type { Story } from '../world/story.ts'

/** What both views of media are made of (docs/networks/instagram.md §5, §6). */
type Medium = Post | Story
type Value = Json | undefined

/** What errors call every kind of media. */
export const NODE = 'ShadowIGMedia'

/** Signed, or absent where there is no file to be had. */
export const mediaUrl = (item: Medium | Child, call: Call): Value => {
  if (!item.hasFile) return null
  // An album shows its first picture.
  const file = item instanceof Post ? (item.children[0] ?? item) : item
  return call.sign(file.id, file.mediaType === 'VIDEO' ? 'film' : 'picture')
}

/** Only films have one. */
export const thumbnailUrl = (item: Medium | Child, call: Call): Value =>
  item.mediaType === 'VIDEO' ? call.sign(item.id, 'picture') : null

/** Licensed sound is why a film has no address. */
export const sound = (post: Post): Value =>
  post.mediaType === 'VIDEO' ? (post.hasFile ? 'ORIGINAL_SOUND' : 'MUSIC') : null

/** One refusal for many fields. */
export const refusedAs = <const N extends string>(refusal: () => GraphError, names: readonly N[]) =>
  Object.fromEntries(names.map(name => [name, refusal]))

/** A number that a reader of a list does not get where the owner hides it. */
export const unlessHidden =
  <T extends Medium>(value: (item: T) => number) =>
  (item: T): Value =>
    item.likesHidden ? null : value(item)
