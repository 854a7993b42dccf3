import type { Generated } from 'kysely'
import type {
  CollectionItemTable,
  CollectionTable,
  CommentTable,
  LikeTable,
  MediaTable,
  PostTable,
  ProfileTable,
  RelationTable,
} from './record-tables.ts'

/** The tables as the database holds them: `snake_case`, flags 0/1, JSON as text, instants as text. */
export interface Schema {
  sync_runs: RunTable
  run_orders: OrderTable
  transform_orders: TransformOrderTable
  schedules: ScheduleTable
  sync_jobs: JobTable
  sync_tasks: TaskTable
  sync_walks: WalkTable
  walk_cursors: { walk_id: number; hash: string }
  workers: {
    id: string
    host: string
    pid: number
    started_at: string
    lease_expires_at: string
    /** `run`, `server` or `worker` (`sharing.ts`); null = of an older socsync, a run. */
    purpose: string | null
  }
  /** How many calls in flight to a service a worker may have. */
  service_shares: { worker: string; transform: string; calls: number }
  /** When the next call of a credential's owner may start, epoch ms. */
  paces: { network: string; owner: string; next_at: number }
  /** Which worker makes the calls of an account, and since when another one waits for it (`account-leases.ts`). */
  account_leases: {
    network: string
    account: string
    worker: string
    taken_at: string
    wanted_at: string | null
  }
  entities: EntityTable
  entity_aliases: { network: string; alias: string; entity_id: string }
  profiles: ProfileTable
  posts: PostTable
  media: MediaTable
  comments: CommentTable
  likes: LikeTable
  collections: CollectionTable
  collection_items: CollectionItemTable
  relations: RelationTable
  metrics: {
    network: string
    subject: string
    subject_id: string
    name: string
    observed_at: string
    value: number | null
  }
  revisions: {
    network: string
    subject: string
    subject_id: string
    seen_at: string
    field: string
    text: string | null
  }
  raw_pages: RawPageTable
  raw_bodies: { hash: string; body: Uint8Array }
  rejects: {
    walk_id: number
    seq: number
    path: string
    reason: string
    value: string
    job_id: number
    seen_at: string
  }
  quota: QuotaTable
  /** Of runs that have one: what they may spend, and what all that work on them have spent. */
  budgets: { run_id: number; units: number; spent: number }
  run_costs: { run_id: number; network: string; pool: string; calls: number; units: number }
  memory: { network: string; key: string; value: string; learned_at: string }
  /** Who fills the database, in one row: `networks` or `sandbox` (`admin/origin.ts`); none = nobody has, or an older socsync. */
  data_origin: { id: number; origin: string }
  /** Under which key the people in it are pseudonyms (`admin/people.ts`), in one row; none = they stand in it as they are. */
  data_people: { id: number; fingerprint: string }
  transforms: TransformTable
}

export interface RunTable {
  id: Generated<number>
  trigger: string
  scopes: string
  params: string
  trace_id: string
  worker: string | null
  created_at: string
  finished_at: string | null
  /** Since when it has all of its jobs; null = it has not, or an older socsync made it. */
  planned_at: string | null
  /** Which transforms its pages are queued for (`TransformDefinition`s); null = none. */
  transforms: string | null
  /** The schedule that it is a run of; null = somebody asked for it. */
  schedule: string | null
}

/** A transform that is worked on until nothing of it is open. */
export interface TransformOrderTable {
  transform: string
  /** How often it was asked for, and up to which of these times what was new is queued. */
  asked: Generated<number>
  queued: Generated<number>
  /** The worker that goes through what is stored. */
  queuer: string | null
  /** What its service stopped a worker by last, and until when; null = by nothing. */
  error_type: string | null
  error_message: string | null
  not_before: string | null
}

/** Runs at set times. */
export interface ScheduleTable {
  name: string
  /** What is run, as an order of it: the list of profiles and all that the flags of a run say. */
  request: string
  /** Five fields, as a crontab has them. */
  cron: string
  /** Of the IANA's list. */
  time_zone: string
  created_at: string
  /** The newest tick that was answered, by a run or by being passed over; null = none was. */
  last_tick_at: string | null
  /** The newest tick at which its run before was still going on; null = there was none. */
  passed_over_at: string | null
}

/** What `serve` was asked for: kept until its run has ended. */
export interface OrderTable {
  run_id: number
  /** Null once the run has ended: a list of profiles is not kept for longer than it is needed. */
  wish: string | null
  state: string
  idempotency_key: string | null
  fingerprint: string
  /** How many runs this one goes on with, itself included. */
  attempt: number
  continued_by: number | null
  error_type: string | null
  error_message: string | null
}

export interface JobTable {
  id: Generated<number>
  network: string
  entity_id: string
  cursor: string
  status: string
  error_type: string | null
  error_message: string | null
  previous_job_id: number | null
  started_at: string | null
  finished_at: string | null
  run_id: number
  /** The job in which the reading began that this one is part of: itself, unless it only continues. */
  reading_id: number | null
  scopes: string
  params: string
  bounds: string
  reason: string | null
  not_before: string | null
  open_tasks: number
  stored: number
  trace_id: string
  created_at: string
}

export interface TaskTable {
  id: Generated<number>
  job_id: number
  kind: string
  stream: string
  external_id: string
  profile_id: string | null
  post_id: string | null
  status: string
  attempts: number
  error_type: string | null
  last_error: string | null
  last_synced_at: string | null
  walk_id: number | null
  pages: number
  items: number
  expected: number | null
  reason: string | null
  reasons: string | null
  not_before: string | null
  /** Where an incremental walk may stop; null = it reads all. */
  from_at: string | null
  /** Of a list's rest that an earlier job left: the first walk of its line; empty of all else. */
  part: Generated<string>
  /** Of a list's rest: until when what stands above it was read meanwhile. */
  head_at: string | null
  /** Since when it fails, and in how many runs it has; null and 0 = it does not. */
  failing_since: string | null
  failed_runs: Generated<number>
  /** Of `items`, how many were not stored before. */
  new_items: Generated<number>
}

export interface WalkTable {
  id: Generated<number>
  run_id: number
  network: string
  job_id: number
  stream: string
  kind: string
  rank: number
  credential: string | null
  state: string
  cursor: string | null
  seq: number
  root_id: number
  restarts: number
  streak: string
  whole: number
  /** How many of its pages had an answer to keep; null = begun before that was counted. */
  answered: number | null
  worker: string | null
  lease_expires_at: string | null
  not_before: string | null
  started_at: string
}

export interface EntityTable {
  network: string
  entity_id: string
  profile_id: string | null
  watermarks: string
  lock_job_id: number | null
  lock_worker: string | null
  locked_at: string | null
  first_seen_at: string
  /** How many more posts are declared than are listed, found at the end of its list; null = its list was never read whole. */
  posts_unlisted: number | null
  /** Jobs of it that ended up to here were deleted with their answers; null = none was. */
  pruned_until: string | null
}

export interface RawPageTable {
  /** In the order of the commits. */
  id: Generated<number>
  walk_id: number
  seq: number
  part: number
  request: string
  status: number
  fetched_at: string
  body_hash: string
  /** Of a page's first part: what it was asked with beside its walk (`raw.ts`); null = written before that was kept. */
  step: string | null
}

export interface QuotaTable {
  network: string
  owner: string
  pool: string
  window_start: string
  used: number
  allowance: number | null
  exhausted_until: string | null
  /** `rate-limited` or `quota-exhausted`, beside `exhausted_until`; `resting` where all machines wait for its end. */
  refused_as: string | null
}

/** One element in one version of a transform. */
export interface TransformTable {
  id: Generated<number>
  network: string
  element_kind: string
  element_id: string
  transform: string
  version: string
  /** The post that it is or hangs on; null for a profile. */
  post_id: string | null
  status: string
  external_job_id: string | null
  result: string | null
  error_type: string | null
  error_message: string | null
  /** Claims for a submission, those included of which no answer came. */
  attempts: number
  polls: number
  lost: number
  /** Submissions in a row that no answer came to. */
  misses: number
  /** A changed text, a lost job and most retries by hand have a new one. */
  idempotency_key: string
  input_hash: string
  /** When the answer came that the input is from. */
  input_fetched_at: string
  seq: number
  worker: string | null
  /** When it is submitted or asked about next; null = it has ended. */
  next_poll_at: string | null
  deadline_at: string | null
  queued_at: string
  submitted_at: string | null
  finished_at: string | null
}
