import { z } from 'zod'
import { TRANSFORM_NAME } from '../app/config/transform-config.ts'
import {
  LISTED,
  RESULT_KINDS,
  type ResultKind,
  RUN_STATES,
  resultColumns,
  transformColumns,
} from '../app/reports/queries.ts'
import { SCHEDULE_NAME } from '../app/schedule/schedules.ts'
import { STATUSES, TASK_KINDS } from '../core/task.ts'
import { CommentGaps, PostGaps } from './completeness-schema.ts'
import { Counter, Id, Moment, maybe } from './plain-schemas.ts'
import { Readers } from './worker-schemas.ts'

/** What the API gives. Ids are texts, however they look; counters are whole numbers; moments are in UTC. */

export const TransformName = z
  .string()
  .regex(TRANSFORM_NAME)
  .meta({ examples: ['sentiment'] })

export const ScheduleName = z
  .string()
  .regex(SCHEDULE_NAME)
  .meta({ examples: ['nightly'] })

const ByStatus = z.partialRecord(z.enum(STATUSES), Counter).meta({ description: 'Jobs by status; none = 0' })
const ByKind = z.record(z.string(), Counter).meta({ description: 'Records that came, by kind of task' })

export const Gap = z
  .object({
    network: z.string(),
    what: z.string().meta({ description: 'What would have been read', examples: ['comments'] }),
    reason: z
      .string()
      .meta({ description: 'A word of the table in docs/reasons.md', examples: ['comments-disabled'] }),
    why: z.string().meta({ description: 'The same for people' }),
    count: Counter,
    examples: z.array(z.string()).meta({ description: 'Some of the profiles or posts' }),
  })
  .meta({ id: 'Gap', description: 'Something that is missing or was left out, and why' })

export const Failing = z
  .object({
    count: Counter,
    groups: z
      .array(
        z.object({
          network: z.string(),
          what: z.string().meta({ examples: ['threads'] }),
          error_type: maybe(z.string()),
          count: Counter,
          failing_since: Moment,
          next_try_at: maybe(Moment),
          message: maybe(z.string()),
        }),
      )
      .meta({ description: 'By network, kind of thing and error; most first' }),
    tasks: z
      .array(
        z.object({
          network: z.string(),
          entity_id: z.string(),
          job_id: Id,
          what: z.string(),
          external_id: z
            .string()
            .meta({ description: 'Profile, post, comment, or a part of a list such as days' }),
          post_id: maybe(z.string()),
          status: z.enum(STATUSES),
          reason: maybe(z.string()),
          error_type: maybe(z.string()),
          message: maybe(z.string()).meta({ description: "The network's own words" }),
          failing_since: Moment,
          failed_runs: Counter.meta({ description: 'In how many runs it failed' }),
          next_try_at: maybe(Moment).meta({ description: 'The day from which on it is tried again' }),
        }),
      )
      .max(LISTED)
      .meta({ description: `Each of them, ${LISTED} at most` }),
  })
  .meta({ id: 'Failing', description: 'What keeps failing, run after run' })

const Unread = z
  .object({
    count: Counter,
    examples: z.array(
      z.object({
        network: z.string(),
        entity_id: z.string(),
        stream: z.string(),
        path: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'Unread', description: 'What came and could not be read: kept aside, the rest was read' })

const NotAsked = z
  .array(
    z.object({
      network: z.string(),
      account: z.string().meta({ description: 'Whose credential it was refused to' }),
      fact: z.string().meta({ examples: ['the metric shares of reels'] }),
      until: Moment,
    }),
  )
  .meta({ description: 'What is not asked for, since the network refused it again and again' })

const PutOff = maybe(Moment).meta({
  description: 'All that is unfinished failed and waits for this day; null = something can be tried at once',
})

const RunError = z
  .object({
    network: z.string(),
    error_type: z.string().meta({ examples: ['quota_exhausted'] }),
    hint: maybe(z.string()).meta({ description: 'What to do about it' }),
    message: maybe(z.string()),
    jobs: Counter,
    not_before: maybe(Moment).meta({
      description: 'When it can go on; null = at once, or after a person acted',
    }),
  })
  .meta({ id: 'RunError' })

const RunBase = z.object({
  id: Id,
  state: z
    .enum(RUN_STATES)
    .meta({ description: '`interrupted`: its process is gone and none has gone on with it' }),
  trigger: z.string().meta({ examples: ['api', 'cli', 'schedule'] }),
  scopes: z.array(z.string()),
  networks: z.array(z.string()),
  created_at: Moment,
  finished_at: maybe(Moment),
  jobs: ByStatus,
  not_before: maybe(Moment).meta({ description: 'When the earliest deferred job can go on' }),
})

export const RunSummary = RunBase.meta({ id: 'RunSummary' })

export const Run = RunBase.extend({
  listed: z
    .object({
      profiles: Counter,
      posts: Counter,
      playlists: Counter,
      tags: Counter,
      searches: Counter,
    })
    .meta({ description: 'What its list names; a job each' }),
  items: ByKind,
  new_items: ByKind.meta({ description: 'Of these, those that were not stored before' }),
  gaps: z.array(Gap),
  failing: Failing,
  unread: Unread,
  put_off_until: PutOff,
  not_asked: NotAsked,
  completeness: maybe(z.object(PostGaps)).meta({
    description: 'Posts of its profiles, against what the networks declare; null while it goes on',
  }),
  errors: z.array(RunError),
  cost: z.array(z.object({ network: z.string(), pool: z.string(), calls: Counter, units: Counter })),
  resumable: Counter.meta({ description: 'Unfinished jobs that no later one went on with' }),
  position: maybe(z.int().min(1)).meta({ description: 'The place in the queue; null = it does not wait' }),
  continued_by: maybe(Id).meta({ description: 'The run by which a restarted server went on with this one' }),
  failure: maybe(z.object({ error_type: z.string(), message: z.string() })).meta({
    description: 'What ended the run itself too early; null = nothing did',
  }),
}).meta({ id: 'Run' })

const JobBase = z.object({
  id: Id,
  run_id: Id,
  network: z.string(),
  entity_id: z.string().meta({ description: 'The profile, by the key that the network is asked by' }),
  status: z.enum(STATUSES),
  reason: maybe(z.string()),
  error_type: maybe(z.string()),
  error_message: maybe(z.string()),
  why: maybe(z.string()).meta({ description: 'What reason or error mean, for people' }),
  previous_job_id: maybe(Id).meta({ description: 'The job that this one goes on with' }),
  created_at: Moment,
  started_at: maybe(Moment),
  finished_at: maybe(Moment),
  not_before: maybe(Moment),
})

export const JobSummary = JobBase.extend({
  resumable: z.boolean().meta({ description: 'Unfinished, and no later job went on with it' }),
  failing: Counter.meta({ description: 'How much of it keeps failing, run after run' }),
  failing_since: maybe(Moment),
}).meta({ id: 'JobSummary' })

export const Job = JobBase.extend({
  scopes: z.array(z.string()),
  cursor: z
    .unknown()
    .meta({ description: 'Its parameters, the watermark it started from and reached, its place' }),
  trace_id: z.string(),
  alive: z.boolean().meta({ description: 'A process is working on it now' }),
  readers: Readers,
  continued_by: maybe(Id).meta({ description: 'The last job of the chain, where it was gone on with' }),
  tasks: z.array(
    z.object({
      kind: z.string(),
      status: z.string(),
      count: Counter,
      items: Counter,
      new_items: Counter.meta({ description: 'Of these, those that were not stored before' }),
      pages: Counter,
      failing: Counter.meta({ description: 'How many of the tasks keep failing' }),
    }),
  ),
  gaps: z.array(Gap),
  failing: Failing,
  unread: Unread,
  put_off_until: PutOff,
  not_asked: NotAsked,
  completeness: maybe(
    z.object({
      profile_id: maybe(z.string()).meta({ description: 'null = it is of no single profile' }),
      media_stored: Counter,
      ...PostGaps,
      ...CommentGaps,
    }),
  ).meta({ description: 'What is stored of the profile, and what the network says there is' }),
}).meta({ id: 'Job' })

export const Task = z
  .object({
    id: Id,
    job_id: Id,
    kind: z.enum(TASK_KINDS),
    external_id: z.string().meta({ description: 'What it is read from: profile, post or comment' }),
    post_id: maybe(z.string()),
    part: z.string().meta({ description: 'Of the rest of a list, which one; else empty' }),
    status: z.enum(STATUSES),
    reason: maybe(z.string()),
    reasons: maybe(z.record(z.string(), Counter)).meta({
      description: 'Posts that needed no call of their own, by reason',
    }),
    attempts: Counter,
    pages: Counter,
    items: Counter,
    new_items: Counter.meta({ description: 'Of these, those that were not stored before' }),
    expected: maybe(Counter).meta({ description: 'How many the network says there are' }),
    error_type: maybe(z.string()),
    last_error: maybe(z.string()),
    last_synced_at: maybe(Moment),
    not_before: maybe(Moment).meta({ description: 'Of what fails, the day of its next try' }),
    failing_since: maybe(Moment),
    failed_runs: Counter,
  })
  .meta({ id: 'Task' })

export const Pool = z
  .object({
    owner: z.string().meta({ description: 'Whose quota it is; never a secret' }),
    pool: z.string(),
    used: Counter,
    allowance: maybe(Counter).meta({ description: 'null = the network does not say' }),
    window_start: Moment.meta({ description: 'Since when `used` is counted' }),
    resets_at: Moment,
    exhausted_until: maybe(Moment).meta({ description: 'Nothing is given before then; null = it is open' }),
    refused_as: maybe(z.enum(['rate-limited', 'quota-exhausted'])).meta({
      description: 'Why it is closed: a limit that passes, or an allowance that is gone',
    }),
  })
  .meta({ id: 'Pool' })

export const NetworkInfo = z
  .object({
    name: z.string(),
    title: z.string(),
    id_forms: z.string().meta({ description: 'How its profiles may be written' }),
    has_credential: z.boolean(),
    quota: z.array(Pool),
    not_asked: NotAsked,
  })
  .meta({ id: 'Network' })

const Next = maybe(z.string()).meta({
  description: 'The `cursor` of the next page; null = this was the last',
})

/** A part of a list. */
export const pageOf = <T extends z.ZodType>(name: string, item: T) =>
  z.object({ items: z.array(item), next: Next }).meta({ id: name })

const CELLS = {
  text: z.string(),
  id: z.string(),
  instant: Moment,
  counter: z.int(),
  ratio: z.number(),
  flag: z.boolean(),
  json: z.unknown(),
} as const

/** A row by the columns that exports have too. */
const rowOf = (name: string, columns: ReturnType<typeof resultColumns>) => {
  const cells = columns.map(({ name: column, type }) => [column, maybe(CELLS[type])])
  return z.object(Object.fromEntries(cells)).meta({ id: `${name}Row` })
}

/** The pages of each list of results. */
export const RESULT_PAGES = Object.fromEntries(
  RESULT_KINDS.map(kind => {
    const name = kind.charAt(0).toUpperCase() + kind.slice(1)
    return [kind, pageOf(`${name}Page`, rowOf(name, resultColumns(kind)))]
  }),
) as Readonly<Record<ResultKind, ReturnType<typeof pageOf<ReturnType<typeof rowOf>>>>>

const ElementCounts = z.object({
  queued: Counter.meta({ description: 'Not submitted yet' }),
  pending: Counter.meta({ description: 'Submitted, and not begun by the service' }),
  processing: Counter,
  done: Counter,
  failed: Counter,
})

const TransformVersion = z
  .object({
    version: z.string(),
    elements: ElementCounts,
    polls: Counter.meta({ description: 'How often jobs were asked about' }),
    most_polls: Counter.meta({ description: 'How often one of them was' }),
    next_poll_at: maybe(Moment).meta({ description: 'When something is due next; null = nothing is open' }),
    errors: z.array(
      z.object({
        error_type: z.string(),
        why: z.string(),
        elements: Counter,
        message: maybe(z.string()).meta({ description: 'What was said of one of them' }),
      }),
    ),
  })
  .meta({ id: 'TransformVersion' })

export const Transform = z
  .object({
    name: TransformName,
    version: maybe(z.string()).meta({ description: 'That is asked for now; null = it is not configured' }),
    elements: z.array(z.string()).meta({ description: 'What is handed over', examples: [['posts.caption']] }),
    by_default: z.boolean().meta({
      description:
        'Whether runs that do not name their transforms queue what lands for it: `serve --transform`',
    }),
    state: z
      .enum(['idle', 'working', 'waiting'])
      .meta({ description: 'Whether this server works on it; `waiting`: until `stop.not_before`' }),
    stop: maybe(
      z.object({
        error_type: z.string(),
        message: z.string(),
        hint: maybe(z.string()),
        not_before: maybe(Moment),
      }),
    ).meta({ description: 'What stopped the work before everything was answered; null = nothing did' }),
    versions: z.array(TransformVersion).meta({ description: 'What is stored, by version' }),
  })
  .meta({ id: 'Transform' })

export const Schedule = z
  .object({
    name: ScheduleName,
    cron: z.string(),
    time_zone: z.string(),
    network: maybe(z.string()).meta({ description: 'Of all its profiles; null = each says its own' }),
    profiles: Counter.meta({ description: 'How many lines its list has' }),
    scopes: z.array(z.string()),
    created_at: Moment,
    next_at: Moment.meta({ description: 'When it is due next' }),
    last_tick_at: maybe(Moment).meta({
      description: 'The newest moment that was answered, by a run or by being passed over',
    }),
    passed_over_at: maybe(Moment).meta({
      description: 'The newest moment at which nothing was started, since the run before was still going on',
    }),
    last_run: maybe(RunSummary),
    crontab: maybe(z.string()).meta({
      description: 'What starts it on a file, to be copied into a crontab; null = workers do',
    }),
  })
  .meta({ id: 'Schedule' })

export const TransformPage = pageOf('TransformPage', rowOf('Transforms', transformColumns))

export const Health = z.object({ status: z.enum(['ok', 'stopping']) })
