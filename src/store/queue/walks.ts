import type { Instant } from '../../core/instant.ts'
import type { Walk } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import { NO_STREAK, type Streak } from '../../core/verdict.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { encodeJson } from '../schema/rows.ts'
import type { WalkRow } from './walk-rows.ts'

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
  const ids = await tx.newIds('sync_walks', walks.length)
  tx.sendEach(
    open,
    walks.map((walk, index) => openingRow(walk, ids[index] ?? 0)),
  )
  return ids
}

const openingRow = (walk: NewWalk, id: number): OpenRow => ({
  id,
  run_id: walk.runId,
  network: walk.network,
  job_id: walk.jobId,
  stream: walk.stream,
  kind: walk.kind,
  rank: walk.rank,
  credential: walk.credential,
  cursor: walk.cursor === null ? null : encodeJson(walk.cursor),
  seq: walk.from?.seq ?? 0,
  root_id: walk.from?.rootId ?? id,
  restarts: walk.from?.restarts ?? walk.restarts ?? 0,
  streak: encodeJson({ ...(walk.from?.streak ?? NO_STREAK) }),
  // One that began anew may have met a list that moved meanwhile.
  whole: (walk.from?.whole ?? (walk.restarts ?? 0) === 0) ? 1 : 0,
  started_at: walk.startedAt,
})

/** Walks of what failed before come after all others. */
export const FAILING_RANK = 100

export const rankOfFailing = (rank: number, fails: boolean): number =>
  (rank % FAILING_RANK) + (fails ? FAILING_RANK : 0)

/**
 * Whether the walk is still this worker's at this place; every write to a walk asks this first (docs/design.md §5.1). Until the
 * end of the transaction it stays so, and nobody else writes to its jobs.
 */
export const isOurs = async (tx: Tx, walk: Walk, worker: string): Promise<boolean> => {
  const at = { id: walk.id, seq: walk.seq, worker }
  const found = tx.lock<FenceRow, { id: number }>(fence, at)
  const [row] = await Promise.all([found, tx.isAlone ? null : lockJobs(tx, walk)])
  return row !== undefined
}

const lockJobs = async (tx: Tx, { tasks }: Walk): Promise<void> => {
  const jobs = new Set(tasks.map(task => task.jobId))
  await tx.lockEach(
    jobRow,
    [...jobs].sort((a, b) => a - b).map(id => ({ id })),
  )
}

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

/** Moves a walk that is ours ({@link isOurs}) one page on. */
export const advance = (tx: Tx, step: Advance): void => tx.send(move, step)

/** Gives the walk back, to be taken up at its cursor. */
export const releaseWalk = async (tx: Tx, id: number, notBefore: Instant | null): Promise<void> => {
  tx.send(giveBack, { id, not_before: notBefore })
}

/** Closes a walk. Its cursor stays where tasks failed, so that a later job can go on there. */
export const closeWalk = async (tx: Tx, id: number, keepCursor: boolean): Promise<void> => {
  tx.send(keepCursor ? closeKeeping : close, { id })
  tx.send(forgetCursors, { walk_id: id })
}

/** Notes a cursor as used; true where this walk had used it before. */
export const noteCursor = async (tx: Tx, walkId: number, hash: string): Promise<boolean> =>
  (await tx.run(insertCursor, { walk_id: walkId, hash })) === 0

type FenceRow = { readonly id: number; readonly seq: number; readonly worker: string }
type OpenRow = Omit<WalkRow, 'state' | 'answered' | 'worker' | 'lease_expires_at' | 'not_before'>

const open: Statement<OpenRow> = statement(
  builder.insertInto('sync_walks').values({
    id: param<number>('id'),
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
  }),
)

const jobRow: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_jobs').select('id').where('id', '=', param<number>('id')),
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
