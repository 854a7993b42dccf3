import { refuse } from '../errors.ts'
import type { Call } from '../method.ts'
import type { CommentForm } from '../wire/comment.ts'

/** `textFormat`; the switch `no-text-original` leaves `textOriginal` out, as documented for all but the author (docs/networks/youtube.md §5). */
export const readCommentForm = (call: Call): CommentForm => {
  const textFormat = call.one('textFormat') ?? 'html'
  if (textFormat !== 'html' && textFormat !== 'plainText') {
    throw refuse('invalidParameter', { message: `Invalid value '${textFormat}'.`, location: 'textFormat' })
  }
  return { textFormat, original: call.switches.peek('no-text-original') === undefined }
}

/** Parameters that make no sense beside ids; `maxResults` does nothing there. */
export const refuseWithIds = (call: Call, names: readonly string[]): void => {
  const given = names.find(name => call.one(name) !== null)
  if (given === undefined) return
  throw refuse('incompatibleParameters', {
    message: `Incompatible parameters specified in the request: id, ${given}`,
    location: given,
  })
}
