import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { ClaimRequest, Walk } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import { NO_STREAK, type Streak } from '../../core/verdict.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { inList } from '../database/words.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import { type TaskRow, type WalkRow, walkOf } from './walk-rows.ts'

/** A walk to be opened; `from` = the walk that it continues, whose line and place it takes over. */
export interface NewWalk {
  readonly runId: number
  readonly network: string
  readonly jobId: number
  readonly stream: string
  readonly kind: string
  readonly rank: number
  readonly credential: string | null
  readonly cursor: Cursor | null
  readonly startedAt: Instant
  readonly from?: {
    readonly seq: number
    readonly rootId: number
    readonly restarts: number
    readonly streak: Streak
    readonly whole: boolean
  }
  readonly restarts?: number
}

/** Opens a walk and returns its id. A walk that continues none is the root of its own line. */
export const openWalk = async (tx: Tx, walk: NewWalk): Promise<number> => {
  const [id] = await openWalks(tx, [walk])
  return id as number
}

/** The same of several, in their order. */
export const openWalks = async (tx: Tx, walks: readonly NewWalk[]): Promise<number[]> => {
  const opened = await tx.getEach<OpenRow, { id: number }>(open, walks.map(openingRow))
  const ids = opened.map(row => (row as { id: number }).id)
  const roots = ids.filter((_, index) => walks[index]?.from === undefined)
  await tx.runEach(
    rootItself,
    roots.map(id => ({ id })),
  )
  return ids
}

const openingRow = (walk: NewWalk): OpenRow => ({
  run_id: walk.runId,
  network: walk.network,
  job_id: walk.jobId,
  stream: walk.stream,
  kind: walk.kind,
  rank: walk.rank,
  credential: walk.credential,
  cursor: walk.cursor === null ? null : encodeJson(walk.cursor),
  seq: walk.from?.seq ?? 0,
  root_id: walk.from?.rootId ?? 0,
  restarts: walk.from?.restarts ?? walk.restarts ?? 0,
  streak: encodeJson({ ...(walk.from?.streak ?? NO_STREAK) }),
  // One that began anew may have met a list that moved meanwhile.
  whole: (walk.from?.whole ?? (walk.restarts ?? 0) === 0) ? 1 : 0,
  started_at: walk.startedAt,
})

/** Walks of what failed before come after all others. */
const FAILING_RANK = 100

export const rankOfFailing = (rank: number, fails: boolean): number =>
  (rank % FAILING_RANK) + (fails ? FAILING_RANK : 0)

/** Where the turn of a run and network stands: the job that was served last. */
export type Turn = { job: number }

/** Takes the next walks that are due: lowest rank first, in it one job after another. */
export const claimWalks = async (
  tx: Tx,
  request: ClaimRequest,
  turn: Turn,
  lease: { readonly worker: string; readonly expires: Instant },
  now: Instant,
): Promise<Walk[]> => {
  const { runId: run_id, network, credential, streams } = request
  const below = request.failing ? 2 * FAILING_RANK : FAILING_RANK
  const due = { run_id, network, credential, streams, now, below }
  const walks: Walk[] = []
  while (walks.length < request.count) {
    const rank = await tx.get<typeof due, { rank: number }>(lowestRank, due)
    if (rank === undefined) break
    const at = { ...due, rank: rank.rank }
    const row =
      (await tx.get<typeof at & { after: number }, WalkRow>(nextDue, { ...at, after: turn.job })) ??
      (await tx.get<typeof at & { after: number }, WalkRow>(nextDue, { ...at, after: 0 }))
    if (row === undefined) break
    turn.job = row.job_id
    await tx.run(lend, { id: row.id, worker: lease.worker, expires: lease.expires })
    walks.push(walkOf(row, await startTasks(tx, row.id, now), await paramsOf(tx, row.job_id)))
  }
  return walks
}

/** The walk's open tasks, now running, and with them their jobs. */
const startTasks = async (tx: Tx, walkId: number, now: Instant): Promise<TaskRow[]> => {
  await tx.run(runTasks, { walk_id: walkId })
  await tx.run(runJobs, { walk_id: walkId, now })
  return await tx.all<{ walk_id: number }, TaskRow>(openTasks, { walk_id: walkId })
}

/** The parameters of a job, the same for all jobs of a walk. */
const paramsOf = async (tx: Tx, jobId: number): Promise<Params> => {
  const row = await tx.get<{ id: number }, { params: string }>(jobParams, { id: jobId })
  if (row === undefined) throw new Error(`walk of a job that is not there: ${jobId}`)
  return decodeJson<Params>(row.params)
}

/** Whether the walk is still this worker's at this place; every write to a walk asks this first (docs/design.md §5.1). */
export const isOurs = async (tx: Tx, walk: Walk, worker: string): Promise<boolean> =>
  (await tx.get<FenceRow, { id: number }>(fence, { id: walk.id, seq: walk.seq, worker })) !== undefined

/** What a page leaves in its walk. */
export interface Advance extends FenceRow {
  readonly cursor: string | null
  readonly streak: string
  readonly whole: number
  /** 1 where the page had an answer, else 0. */
  readonly answered: number
  readonly state: 'running' | 'ready' | 'done'
  readonly next_worker: string | null
}

/** Moves the walk one page on, fenced: false where another worker has it or has moved it. */
export const advance = async (tx: Tx, step: Advance): Promise<boolean> => (await tx.run(move, step)) === 1

/** Gives the walk back, to be taken up at its cursor. */
export const releaseWalk = async (tx: Tx, id: number, notBefore: Instant | null): Promise<void> => {
  await tx.run(giveBack, { id, not_before: notBefore })
}

/** Closes a walk. Its cursor stays where tasks failed, so that a later job can go on there. */
export const closeWalk = async (tx: Tx, id: number, keepCursor: boolean): Promise<void> => {
  await tx.run(keepCursor ? closeKeeping : close, { id })
  await tx.run(forgetCursors, { walk_id: id })
}

/** Notes a cursor as used; true where this walk had used it before. */
export const noteCursor = async (tx: Tx, walkId: number, hash: string): Promise<boolean> =>
  (await tx.run(insertCursor, { walk_id: walkId, hash })) === 0

type FenceRow = { readonly id: number; readonly seq: number; readonly worker: string }
type OpenRow = Omit<WalkRow, 'id' | 'state' | 'answered' | 'worker' | 'lease_expires_at' | 'not_before'>

const open: Statement<OpenRow> = statement(
  builder
    .insertInto('sync_walks')
    .values({
      run_id: param<number>('run_id'),
      network: param<string>('network'),
      job_id: param<number>('job_id'),
      stream: param<string>('stream'),
      kind: param<string>('kind'),
      rank: param<number>('rank'),
      credential: param<string | null>('credential'),
      state: 'ready',
      cursor: param<string | null>('cursor'),
      seq: param<number>('seq'),
      root_id: param<number>('root_id'),
      restarts: param<number>('restarts'),
      streak: param<string>('streak'),
      whole: param<number>('whole'),
      answered: 0,
      started_at: param<string>('started_at'),
    })
    .returning('id'),
)

const rootItself: Statement<{ id: number }> = statement(
  builder
    .updateTable('sync_walks')
    .set(eb => ({ root_id: eb.ref('id') }))
    .where('id', '=', param<number>('id')),
)

type Due = {
  run_id: number
  network: string
  credential: string
  streams: readonly string[]
  now: string
  below: number
}

const dueWalks = builder
  .selectFrom('sync_walks')
  .where('run_id', '=', param<number>('run_id'))
  .where('network', '=', param<string>('network'))
  .where('state', '=', 'ready')
  .where('rank', '<', param<number>('below'))
  .where(sql<boolean>`stream in ${inList(param<readonly string[]>('streams'))}`)
  .where(eb => eb.or([eb('not_before', 'is', null), eb('not_before', '<=', param<string>('now'))]))

/** Walks for any credential, and those bound to this one: two places of an index, so that nobody else's are gone through. */
const forAny = dueWalks.where('credential', 'is', null)
const forThis = dueWalks.where('credential', '=', param<string>('credential'))

const firstRank = (due: typeof dueWalks) =>
  builder.selectFrom(due.select('rank').orderBy('rank').limit(1).as('due')).selectAll()

const lowestRank: Statement<Due> = statement(
  firstRank(forAny).unionAll(firstRank(forThis)).orderBy('rank').limit(1),
)

const firstWalk = (due: typeof dueWalks) =>
  builder
    .selectFrom(
      due
        .selectAll()
        .where('rank', '=', param<number>('rank'))
        .where('job_id', '>', param<number>('after'))
        .orderBy('job_id')
        .orderBy('id')
        .limit(1)
        .as('due'),
    )
    .selectAll()

const nextDue: Statement<Due & { rank: number; after: number }> = statement(
  firstWalk(forAny).unionAll(firstWalk(forThis)).orderBy('job_id').orderBy('id').limit(1),
)

const lend: Statement<{ id: number; worker: string; expires: string }> = statement(
  builder
    .updateTable('sync_walks')
    .set({
      state: 'running',
      worker: param<string>('worker'),
      lease_expires_at: param<string>('expires'),
      not_before: null,
    })
    .where('id', '=', param<number>('id')),
)

const runTasks: Statement<{ walk_id: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({
      status: 'running',
      attempts: eb('attempts', '+', 1),
      // Of what fails it is the day of the next try, which a try before it does not move.
      not_before: eb.case().when('failing_since', 'is', null).then(null).else(eb.ref('not_before')).end(),
      // What stood in its way does not stand there now. Without a type it is a warning, of a walk that began anew.
      error_type: null,
      last_error: eb.case().when('error_type', 'is', null).then(eb.ref('last_error')).else(null).end(),
    }))
    .where('walk_id', '=', param<number>('walk_id'))
    .where('status', '=', 'pending'),
)

const runJobs: Statement<{ walk_id: number; now: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ status: 'running', started_at: param<string>('now') })
    .where('status', '=', 'pending')
    .where(eb =>
      eb(
        'id',
        'in',
        eb.selectFrom('sync_tasks').select('job_id').where('walk_id', '=', param<number>('walk_id')),
      ),
    ),
)

const openTasks: Statement<{ walk_id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .selectAll('sync_tasks')
    .select('sync_jobs.entity_id')
    .where('sync_tasks.walk_id', '=', param<number>('walk_id'))
    .where('sync_tasks.status', 'in', ['pending', 'running'])
    .orderBy('sync_tasks.id'),
)

const jobParams: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_jobs').select('params').where('id', '=', param<number>('id')),
)

const fence: Statement<FenceRow> = statement(
  builder
    .selectFrom('sync_walks')
    .select('id')
    .where('id', '=', param<number>('id'))
    .where('seq', '=', param<number>('seq'))
    .where('worker', '=', param<string>('worker')),
)

const move: Statement<Advance> = statement(
  builder
    .updateTable('sync_walks')
    .set(eb => ({
      cursor: param<string | null>('cursor'),
      seq: eb('seq', '+', 1),
      streak: param<string>('streak'),
      whole: param<number>('whole'),
      answered: eb('answered', '+', param<number>('answered')),
      state: param<string>('state'),
      worker: param<string | null>('next_worker'),
    }))
    .where('id', '=', param<number>('id'))
    .where('seq', '=', param<number>('seq'))
    .where('worker', '=', param<string>('worker')),
)

const giveBack: Statement<{ id: number; not_before: string | null }> = statement(
  builder
    .updateTable('sync_walks')
    .set({
      state: 'ready',
      worker: null,
      lease_expires_at: null,
      not_before: param<string | null>('not_before'),
    })
    .where('id', '=', param<number>('id')),
)

const close: Statement<{ id: number }> = statement(
  builder
    .updateTable('sync_walks')
    .set({ state: 'done', worker: null, lease_expires_at: null, cursor: null })
    .where('id', '=', param<number>('id')),
)

const closeKeeping: Statement<{ id: number }> = statement(
  builder
    .updateTable('sync_walks')
    .set({ state: 'done', worker: null, lease_expires_at: null })
    .where('id', '=', param<number>('id')),
)

const forgetCursors: Statement<{ walk_id: number }> = statement(
  builder.deleteFrom('walk_cursors').where('walk_id', '=', param<number>('walk_id')),
)

const insertCursor: Statement<{ walk_id: number; hash: string }> = statement(
  builder
    .insertInto('walk_cursors')
    .values({ walk_id: param<number>('walk_id'), hash: param<string>('hash') })
    .onConflict(conflict => conflict.doNothing()),
)
