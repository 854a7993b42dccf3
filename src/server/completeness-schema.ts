import { z } from 'zod'
import { Counter, Moment, maybe } from './plain-schemas.ts'

const Held = z.object({
  asked: Counter,
  items_declared: maybe(Counter),
  items: Counter,
  posts_stored: Counter,
})

/** Posts of some profiles, declared against stored. */
export const PostGaps = {
  posts_declared: maybe(Counter).meta({ description: 'As the network says; null = it does not' }),
  posts_stored: Counter.meta({ description: 'Still there; stories are not counted' }),
  post_gaps: z.array(
    z.object({
      reason: z.string(),
      why: z.string(),
      profiles: Counter,
      posts: Counter,
      parts: z
        .array(z.string())
        .meta({ description: 'Parts of lists that fail, such as days: some of them' }),
    }),
  ),
  largest_post_gaps: z
    .array(
      z.object({
        network: z.string(),
        profile_id: z.string(),
        username: maybe(z.string()),
        declared: Counter,
        stored: Counter,
        reason: z.string(),
        why: z.string(),
      }),
    )
    .meta({ description: 'The profiles of which most posts are missing' }),
  named_posts: maybe(
    z.object({
      asked: Counter,
      stored: Counter,
      gaps: z.array(z.object({ reason: z.string(), why: z.string(), posts: Counter })),
    }),
  ).meta({ description: 'What became of the posts that the list names; null = it names none' }),
  playlists: maybe(Held).meta({
    description: 'What the playlists hold that the list names; null = it names none',
  }),
  tags: maybe(Held).meta({ description: 'The same of tags' }),
  searches: maybe(Held).meta({ description: 'The same of searches' }),
}

/** Comments of their posts, and how old their counters are. */
export const CommentGaps = {
  comments_declared: maybe(Counter),
  comments_stored: Counter,
  comment_gaps: z.array(z.object({ reason: z.string(), why: z.string(), posts: Counter, comments: Counter })),
  largest_gaps: z
    .array(
      z.object({
        network: z.string(),
        post_id: z.string(),
        profile_id: z.string(),
        declared: Counter,
        stored: Counter,
        reason: z.string(),
        why: z.string(),
      }),
    )
    .meta({ description: 'The posts of which most is missing' }),
  counters: z.object({ oldest_at: maybe(Moment), old_posts: Counter, before: Moment }).meta({
    description: 'How old the oldest counters are, and of how many posts they are older than `before`',
  }),
}
