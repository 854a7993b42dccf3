import type { z } from 'zod'
import type { QuotaLeft } from '../app/cost/quota-left.ts'
import { ERROR_HINT, REASON_TEXT, transformHint } from '../app/reports/messages.ts'
import type { RunView, TransformState } from '../app/reports/queries.ts'
import type { Status, WithReaders } from '../app/reports/status.ts'
import type { CompletenessReport } from '../store/reports/completeness.ts'
import type { FailingReport } from '../store/reports/failing-tasks.ts'
import type { JobReport } from '../store/reports/job-report.ts'
import type { ListedJob, ListedTask, RunLine } from '../store/reports/lists.ts'
import type { PostCompleteness } from '../store/reports/post-gaps.ts'
import type { Gap } from '../store/reports/task-tally.ts'
import type { WorkerReport } from '../store/reports/worker-rows.ts'
import type * as schemas from './schemas.ts'
import type { TransformWork } from './transform-runner.ts'
import type { Worker } from './worker-schemas.ts'

/** What the store reports, in the words of the API: ids as texts, and beside each word of ours what it means. */

type View<S extends z.ZodType> = z.input<S>

const idOf = (id: number | null): string | null => (id === null ? null : String(id))

const explained = <T extends { readonly reason: string }>(one: T): T & { readonly why: string } => ({
  ...one,
  why: REASON_TEXT[one.reason] ?? 'no more is known',
})

const failing = ({ count, groups, tasks }: FailingReport): View<typeof schemas.Failing> => ({
  count,
  groups: [...groups],
  tasks: tasks.map(task => ({
    ...task,
    job_id: String(task.job_id),
    // The store holds no other words than these.
    status: task.status as View<typeof schemas.Task>['status'],
  })),
})

const postsView = <T extends PostCompleteness>(of: T) => ({
  ...of,
  post_gaps: of.post_gaps.map(one => ({ ...explained(one), parts: [...one.parts] })),
  largest_post_gaps: of.largest_post_gaps.map(explained),
  named_posts: of.named_posts && { ...of.named_posts, gaps: of.named_posts.gaps.map(explained) },
})

const completeness = <T extends CompletenessReport>(of: T) => ({
  ...postsView(of),
  comment_gaps: of.comment_gaps.map(explained),
  largest_gaps: of.largest_gaps.map(explained),
})

const gap = (one: Gap): View<typeof schemas.Gap> => ({ ...explained(one), examples: [...one.examples] })

export const runSummary = (
  run: Omit<RunLine, 'order_state'> & { readonly state: RunView['state'] },
): View<typeof schemas.RunSummary> => ({
  id: String(run.id),
  state: run.state,
  trigger: run.trigger,
  scopes: [...run.scopes],
  networks: [...run.networks],
  created_at: run.created_at,
  finished_at: run.finished_at,
  jobs: run.jobs,
  not_before: run.not_before,
})

export const runView = (
  { run, state, learned, order }: RunView,
  position: number | null,
): View<typeof schemas.Run> => ({
  ...runSummary({ ...run, state }),
  listed: run.listed,
  items: run.items,
  new_items: run.new_items,
  gaps: run.gaps.map(gap),
  failing: failing(run.failing),
  unread: { ...run.unread, examples: [...run.unread.examples] },
  put_off_until: run.put_off_until,
  not_asked: [...learned],
  completeness: run.completeness && postsView(run.completeness),
  errors: run.errors.map(error => ({ ...error, hint: ERROR_HINT[error.error_type] ?? null })),
  cost: [...run.cost],
  resumable: run.resumable,
  position,
  continued_by: idOf(order?.continued_by ?? null),
  failure:
    order === null || order.error_type === null
      ? null
      : { error_type: order.error_type, message: order.error_message ?? '' },
})

/** What stands behind a job that is not whole, in a sentence. */
const whyOf = ({ reason, error_type: type }: Pick<ListedJob, 'reason' | 'error_type'>): string | null =>
  type === null ? (reason === null ? null : (REASON_TEXT[reason] ?? null)) : (ERROR_HINT[type] ?? null)

const jobBase = (job: Omit<ListedJob, 'newest' | 'failing' | 'failing_since'>) => ({
  id: String(job.id),
  run_id: String(job.run_id),
  network: job.network,
  entity_id: job.entity_id,
  // The store holds no other words than these.
  status: job.status as View<typeof schemas.JobSummary>['status'],
  reason: job.reason,
  error_type: job.error_type,
  error_message: job.error_message,
  why: whyOf(job),
  previous_job_id: idOf(job.previous_job_id),
  created_at: job.created_at,
  started_at: job.started_at,
  finished_at: job.finished_at,
  not_before: job.not_before,
})

const RESUMABLE = new Set(['partial', 'failed'])

export const jobSummary = (job: ListedJob): View<typeof schemas.JobSummary> => ({
  ...jobBase(job),
  resumable: Boolean(job.newest) && RESUMABLE.has(job.status),
  failing: job.failing,
  failing_since: job.failing_since,
})

export const jobView = ({
  subject: job,
  alive,
  learned,
  readers,
}: Status<JobReport> & WithReaders): View<typeof schemas.Job> => ({
  ...jobBase(job),
  scopes: [...job.scopes],
  cursor: job.cursor,
  trace_id: job.trace_id,
  alive,
  readers: readers.map(({ job_id: _job, ...reader }) => reader),
  continued_by: idOf(job.continued_by),
  tasks: [...job.tasks],
  gaps: job.gaps.map(gap),
  failing: failing(job.failing),
  unread: { ...job.unread, examples: [...job.unread.examples] },
  put_off_until: job.put_off_until,
  not_asked: [...learned],
  completeness: job.completeness && completeness(job.completeness),
})

export const taskView = (task: ListedTask): View<typeof schemas.Task> => ({
  ...task,
  id: String(task.id),
  job_id: String(task.job_id),
  kind: task.kind as View<typeof schemas.Task>['kind'],
  status: task.status as View<typeof schemas.Task>['status'],
})

export const workerView = (worker: WorkerReport): View<typeof Worker> => ({
  ...worker,
  ids: [...worker.ids],
  runs: worker.runs.map(String),
  walks: worker.walks.map(walk => ({ ...walk, run_id: String(walk.run_id), job_id: String(walk.job_id) })),
})

export const poolView = ({ network: _network, ...pool }: QuotaLeft): View<typeof schemas.Pool> => pool

export const transformView = (
  { name, settings, versions }: TransformState,
  { state, stop }: TransformWork,
  byDefault: boolean,
): View<typeof schemas.Transform> => ({
  name,
  version: settings?.version ?? null,
  elements: [...(settings?.elements ?? [])],
  by_default: byDefault,
  state,
  stop: stop && {
    error_type: stop.errorType,
    message: stop.message,
    hint: stop.hint,
    not_before: stop.notBefore,
  },
  versions: versions.map(({ transform: _transform, errors, ...version }) => ({
    ...version,
    errors: errors.map(error => ({ ...error, why: transformHint(error.error_type) })),
  })),
})
