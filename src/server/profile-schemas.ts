import { z } from 'zod'
import { PROFILE_ORDERS } from '../app/reports/profiles.ts'
import type { NewestPost } from '../store/reports/newest-posts.ts'
import type { ProfileLine } from '../store/reports/profile-lines.ts'
import { Counter, Moment, maybe } from './plain-schemas.ts'
import { JobSummary } from './schemas.ts'
import { jobSummary } from './views.ts'

/** Profiles by their names, their newest posts, and the comments of one of these. */

const Next = maybe(z.string()).meta({
  description: 'The `cursor` of the next page; null = this was the last',
})

/** `name` = from the smallest on, `-name` = from the largest on. */
export const PROFILE_SORTS = PROFILE_ORDERS.flatMap(order => [order, `-${order}`] as const)

export const ProfileEntry = z
  .object({
    network: z.string(),
    entity_id: z.string().meta({ description: 'The key that the network is asked by' }),
    profile_id: maybe(z.string()).meta({
      description: 'null = the network has not said yet which one it is',
    }),
    username: maybe(z.string()).meta({ description: 'The name in its address' }),
    name: maybe(z.string()).meta({ description: 'The name that is shown' }),
    url: maybe(z.string()),
    followers_count: maybe(Counter),
    posts_count: maybe(Counter),
    last_synced_at: maybe(Moment),
    job: JobSummary,
  })
  .meta({ id: 'ProfileEntry' })

export const ProfileList = z
  .object({
    items: z.array(ProfileEntry),
    next: Next,
    total: Counter.meta({ description: 'How many match, whatever this page shows' }),
    not_before: maybe(Moment).meta({
      description: 'The earliest moment at which one of all that match can go on; null = none waits',
    }),
  })
  .meta({ id: 'ProfileList' })

export const profileEntry = ({
  profile_id,
  username,
  name,
  url,
  followers_count,
  posts_count,
  last_synced_at,
  ...job
}: ProfileLine): z.input<typeof ProfileEntry> => ({
  network: job.network,
  entity_id: job.entity_id,
  ...{ profile_id, username, name, url, followers_count, posts_count, last_synced_at },
  job: jobSummary(job),
})

const Reactions = {
  like_count: maybe(Counter),
  comments_count: maybe(Counter),
  view_count: maybe(Counter),
  share_count: maybe(Counter),
  save_count: maybe(Counter),
}

const NewestPostSchema = z
  .object({
    id: z.string(),
    kind: maybe(z.string()),
    title: maybe(z.string()),
    caption: maybe(z.string()),
    permalink: maybe(z.string()),
    created_at: maybe(Moment),
    fetched_at: Moment,
    missing_since: maybe(Moment),
    ...Reactions,
    comments_reason: maybe(z.string()).meta({ description: 'Why its comments are not all here' }),
    comments_why: maybe(z.string()).meta({ description: 'The same for people' }),
  })
  .meta({ id: 'NewestPost' })

export const NewestPosts = z
  .object({ items: z.array(NewestPostSchema), next: Next })
  .meta({ id: 'NewestPosts' })

export const postView = (
  post: NewestPost,
  words: Readonly<Record<string, string>>,
): z.input<typeof NewestPostSchema> => ({
  ...post,
  comments_why: post.comments_reason === null ? null : (words[post.comments_reason] ?? null),
})

export const CommentList = z
  .object({
    items: z.array(
      z
        .object({
          id: z.string(),
          parent_id: maybe(z.string()).meta({ description: 'Of a reply, what it replies to' }),
          author_id: maybe(z.string()),
          author_name: maybe(z.string()),
          content: maybe(z.string()),
          like_count: maybe(Counter),
          reply_count: maybe(Counter),
          created_at: maybe(Moment),
          missing_since: maybe(Moment),
        })
        .meta({ id: 'PostComment' }),
    ),
    next: Next,
  })
  .meta({ id: 'CommentList' })
