import type { Params } from '../../src/core/params.ts'

/** Everything, without bounds: `{ ...EVERYTHING, limitPosts: 3 }` for less. */
export const EVERYTHING: Params = {
  kinds: ['profile', 'posts', 'comments', 'likes'],
  since: null,
  until: null,
  sinceId: null,
  untilId: null,
  limitPosts: null,
  limitComments: null,
  replies: 'full',
  lists: [],
  lookbackMs: null,
}
