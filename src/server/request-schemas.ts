import { z } from 'zod'
import { SEARCH_NAME } from '../app/config/search-config.ts'
import { ENTITY_KINDS } from '../core/entity.ts'
import { LISTS } from '../core/params.ts'
import { SCOPES } from '../core/scope.ts'
import { STATUSES, TASK_KINDS } from '../core/task.ts'
import { TRANSFORM_STATUSES } from '../core/transform.ts'
import { Id, Moment } from './plain-schemas.ts'
import { PROFILE_SORTS } from './profile-schemas.ts'
import { ScheduleName, TransformName } from './schemas.ts'

/** What the API takes: paths, queries, bodies and the key of a request. */

export const IdPath = z.object({ id: Id })

export const NamePath = z.object({ name: TransformName })

/** Query parameters arrive as text. */
const limit = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .optional()
    .transform(value => value ?? usual)
    .meta({ description: `How many: 1 to ${most}, ${usual} unless said` })

/** Several words, separated by commas. */
const wordsOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z
    .string()
    .max(200)
    .regex(new RegExp(`^(?:${words.join('|')})(?:,(?:${words.join('|')}))*$`))
    .transform(text => text.split(','))
    .optional()
    .transform(value => value ?? [])
    .meta({ description: `One or more of ${words.join(', ')}, separated by commas` })

const cursor = z.string().min(1).max(4_000).optional().meta({ description: 'The `next` of the page before' })

export const ListQuery = z.strictObject({ cursor, limit: limit(200, 50) })

export const JobsQuery = ListQuery.extend({
  status: wordsOf(STATUSES),
  network: z.string().min(1).max(40).optional(),
  entity: z.string().min(1).max(200).optional().meta({ description: "A part of the profile's key" }),
  run: Id.optional().meta({ description: 'All jobs of this run, instead of the newest of each profile' }),
})

export const TasksQuery = ListQuery.extend({ status: wordsOf(STATUSES), kind: wordsOf(TASK_KINDS) })

/** 30 February is none, though `Date` takes it for the second of March. */
const isDay = (text: string): boolean => {
  const ms = Date.parse(text)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10))
}

const since = Moment.regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/)
  .refine(isDay)
  .optional()
  .meta({ description: 'Only what was fetched (counters: observed) from this day or moment on' })
const postId = z.string().min(1).max(200).optional().meta({ description: 'Only of this post' })

const ResultQuery = z.strictObject({ cursor, limit: limit(1_000, 100), since })

/** What each list of results can be narrowed by. */
export const RESULT_QUERIES = {
  profiles: ResultQuery,
  posts: ResultQuery.extend({ post_id: postId }),
  media: ResultQuery.extend({ post_id: postId }),
  comments: ResultQuery.extend({ post_id: postId }),
  likes: ResultQuery.extend({ post_id: postId }),
  metrics: ResultQuery.extend({
    post_id: postId,
    subject: z.enum(['profile', 'post']).optional(),
    name: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .meta({ examples: ['followersCount'] }),
  }),
} as const

export const TransformsQuery = z.strictObject({
  cursor,
  limit: limit(1_000, 100),
  version: z.string().min(1).max(100).optional(),
  network: z.string().min(1).max(40).optional(),
  status: wordsOf(TRANSFORM_STATUSES),
})

export const ProfilesQuery = ListQuery.extend({
  limit: limit(1_000, 50),
  status: wordsOf(STATUSES),
  network: z.string().min(1).max(40).optional(),
  q: z.string().min(1).max(200).optional().meta({
    description: 'A part of the key, the id, the name in the address, or the name that is shown',
  }),
  sort: z
    .enum(PROFILE_SORTS)
    .optional()
    .transform(value => value ?? '-newest')
    .meta({ description: 'Behind a `-` from the largest on; `-newest` unless said' }),
})

export const CommentsQuery = ListQuery.extend({ post_id: z.string().min(1).max(200) })

export const ChangesQuery = z.strictObject({
  since: since.meta({ description: 'What was seen from this day or moment on; a day ago unless said' }),
  run: Id.optional().meta({ description: 'What this run changed, instead' }),
  network: z.string().min(1).max(40).optional(),
  entity: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Of one profile: any form of its id, or its name' }),
  limit: limit(100, 10),
})

const Bound = z.string().min(1).max(200)
const Length = z.string().max(20)

export const NewRun = z
  .strictObject({
    ids: z.array(z.string().min(1).max(10_000)).min(1).max(100_000).meta({
      description:
        'Profiles: bare id, @handle or address; posts: address or `post:…`; `youtube:@x` where no network is given',
    }),
    network: z.string().min(1).max(40).optional().meta({ description: 'The network of all ids' }),
    as: z.enum(ENTITY_KINDS).optional().meta({
      description:
        'What ids point at that do not say it by an address or a prefix (`post:…`); `profile` unless said',
    }),
    scope: z
      .array(z.enum(SCOPES))
      .min(1)
      .optional()
      .meta({ description: 'Comments and likes imply posts, posts imply profile; `posts` unless said' }),
    since: Bound.optional().meta({
      description:
        'Posts from this day or moment (UTC), or after this id; `last` = from where each profile is covered, and no further back',
    }),
    until: Bound.optional().meta({ description: 'Posts before this day or moment (UTC), or before this id' }),
    since_id: Bound.optional().meta({ description: 'Posts after this id' }),
    until_id: Bound.optional().meta({ description: 'Posts before this id' }),
    last_synced_at: Bound.optional().meta({ description: 'Posts from this moment on: when you last synced' }),
    limit_posts: z.int().min(1).optional(),
    limit_comments: z.int().min(1).optional(),
    replies: z.enum(['none', 'inline', 'full']).optional(),
    lists: z.array(z.enum(LISTS)).optional().meta({
      description:
        'Lists that a profile may show beside its posts, as its network has them, each paid for by itself; `liked` takes scope `likes` or `all`',
    }),
    searches: z.record(z.string().regex(SEARCH_NAME), z.record(z.string(), z.unknown())).optional().meta({
      description:
        'What searches ask for that `ids` name (`search:NAME`), by their names, over those of the config file',
    }),
    lookback: Length.optional().meta({
      description: 'Posts younger than this are looked at again though nothing says that they changed',
      examples: ['3d'],
    }),
    full_every: Length.optional().meta({
      description: 'Read all of a profile again when that was last done so long ago; 0s = now',
      examples: ['30d'],
    }),
    refresh_after: Length.optional().meta({
      description:
        'Only go on with a profile whose last reading began less than this before; 0s = read each anew',
      examples: ['6h'],
    }),
    fresh: z.boolean().optional().meta({
      description: 'Begin anew, without what is unfinished, and try at once what was put off',
    }),
    wait: z.boolean().optional().meta({ description: 'Wait for profiles that another run holds' }),
    concurrency: z.int().min(1).max(64).optional(),
    budget: z.int().min(0).optional().meta({ description: 'Spend at most so many units of quota' }),
    max_wait: Length.optional().meta({ description: 'Wait at most so long for a limit', examples: ['60s'] }),
    transforms: z.array(TransformName).optional().meta({
      description:
        'Queue what lands for these transforms; none of them where it is empty, those of `serve --transform` where it is left out',
    }),
  })
  .meta({ id: 'NewRun' })

export const SchedulePath = z.object({ name: ScheduleName })

export const NewSchedule = NewRun.extend({
  name: ScheduleName,
  cron: z
    .string()
    .min(1)
    .max(200)
    .meta({
      description: 'Minute, hour, day of the month, month, day of the week, as a crontab has them',
      examples: ['0 3 * * *'],
    }),
  time_zone: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .meta({ description: 'Whose clocks these are; `UTC` unless said', examples: ['Europe/Zurich'] }),
}).meta({ id: 'NewSchedule' })

export const WithKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional()
    .meta({ description: 'The same key again gives the run that it made, and makes none' }),
})
