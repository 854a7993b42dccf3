import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { ClaimRequest } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { isDeferredDue } from './due.ts'
import type { WalkRow } from './walk-rows.ts'
import { FAILING_RANK } from './walks.ts'

/** Where the turn of a run and network stands: the job that was served last. */
export type Turn = { job: number }

/**
 * The next walks that are due, locked: lowest rank first, in it one job after another. What others are about to take is left
 * out. A few statements whatever their number: one for each would be five round trips a walk.
 */
export const nextWalks = async (tx: Tx, request: ClaimRequest, turn: Turn): Promise<WalkRow[]> => {
  const taken: WalkRow[] = []
  for (let above = -1; taken.length < request.count; ) {
    const lines = await firstLines(tx, request, above)
    const [first] = lines
    if (first === undefined) break
    taken.push(...(await takeOfRank(tx, lines, request.count - taken.length, turn)))
    // All of this rank is taken now, or others are about to.
    above = first.rank
  }
  return taken
}

/** Whether a credential could claim something, or something that was deferred is due. */
export const isDueFor = async (queries: Queries, request: ClaimRequest, now: Instant): Promise<boolean> => {
  const { runId: run_id, network } = request
  return (
    (await firstLines(queries, request, -1)).length > 0 ||
    (await isDeferredDue(queries, { run_id, network, now }))
  )
}

/** Walks of one stream that any credential may read, or that are bound to one: one place of an index. */
type Line = {
  readonly run_id: number
  readonly network: string
  readonly stream: string
  /** Null = any. */
  readonly credential: string | null
}
type RankedLine = Line & { readonly rank: number }

/** The lines that have walks of the lowest rank above this one. */
const firstLines = async (
  queries: Queries,
  { runId: run_id, network, credential, streams, failing }: ClaimRequest,
  above: number,
): Promise<readonly RankedLine[]> => {
  const below = failing ? 2 * FAILING_RANK : FAILING_RANK
  const rankedOf = async (bound: string | null): Promise<readonly RankedLine[]> => {
    const lines = streams.map(stream => ({ run_id, network, stream, credential: bound }))
    const heads = await queries.getEach<Line & Between, { rank: number }>(
      bound === null ? lowestOfAny : lowestOfOne,
      lines.map(line => ({ ...line, above, below })),
    )
    return lines.flatMap((line, index) => {
      const head = heads[index]
      return head === undefined ? [] : [{ ...line, rank: head.rank }]
    })
  }
  const ranked = (await Promise.all([rankedOf(null), rankedOf(credential)])).flat()
  const lowest = Math.min(...ranked.map(({ rank }) => rank))
  return ranked.filter(({ rank }) => rank === lowest)
}

/**
 * Goes round the jobs that have walks of a rank, from the one after the last on: of each one walk, then another one. Ends when so many
 * are taken, or nothing is left that was not tried: of so many jobs more than were tried, each with a walk more than were tried of
 * one, either enough are new, or there are no more.
 */
const takeOfRank = async (
  tx: Tx,
  lines: readonly RankedLine[],
  count: number,
  turn: Turn,
): Promise<WalkRow[]> => {
  const taken: WalkRow[] = []
  const tried = new Set<number>()
  const triedOf = new Map<number, number>()
  for (let each = 1; ; each = Math.max(0, ...triedOf.values()) + count - taken.length) {
    const before = tried.size
    const last = turn.job
    for (const [after, until] of [
      [last, LAST_ID],
      [0, last],
    ] as const) {
      const left = count - taken.length
      if (left === 0) return taken
      if (after === until) continue
      const jobs = left + tried.size
      const candidates = await findCandidates(tx, lines, { after, until, jobs, each })
      const fresh = candidates.filter(({ id }) => !tried.has(id)).slice(0, left)
      for (const { id, job_id } of fresh) {
        tried.add(id)
        triedOf.set(job_id, (triedOf.get(job_id) ?? 0) + 1)
      }
      const rows = await tx.lockEach<{ id: number }, WalkRow>(
        dueWalk,
        fresh.map(({ id }) => ({ id })),
        'free',
      )
      taken.push(...rows.filter(row => row !== undefined))
      turn.job = fresh.at(-1)?.job_id ?? turn.job
    }
    if (tried.size === before) return taken
  }
}

/** Greater than any id: `Number.MAX_SAFE_INTEGER`. */
const LAST_ID = Number.MAX_SAFE_INTEGER

type Candidate = { readonly id: number; readonly job_id: number }
type Stretch = {
  readonly after: number
  readonly until: number
  readonly jobs: number
  readonly each: number
}

/** Of the jobs in a stretch the first ones' first walks: each one's first, then each one's second. */
const findCandidates = async (
  tx: Tx,
  lines: readonly RankedLine[],
  stretch: Stretch,
): Promise<Candidate[]> => {
  const found = await Promise.all(
    lines.map(line => {
      const statement = line.credential === null ? candidatesOfAny : candidatesOfOne
      return tx.all<RankedLine & Stretch, Candidate>(statement, { ...line, ...stretch })
    }),
  )
  const jobs = [...Map.groupBy(found.flat(), ({ job_id }) => job_id)].sort(([a], [b]) => a - b)
  const walks = jobs.map(([, of]) => of.sort((a, b) => a.id - b.id))
  const most = Math.max(0, ...walks.map(of => of.length))
  return Array.from({ length: most }, (_, lap) => walks.flatMap(of => of[lap] ?? [])).flat()
}

type Between = { readonly above: number; readonly below: number }

// In the words of the index: neither database knows that a parameter says the same.
const isDue = sql<boolean>`state = 'ready' and not_before is null`

const dueWalks = builder
  .selectFrom('sync_walks')
  .where('run_id', '=', param<number>('run_id'))
  .where('network', '=', param<string>('network'))
  .where('stream', '=', param<string>('stream'))
  .where(isDue)
/**
 * What is looked for in a line is ordered by its credential first, though that is one: PostgreSQL takes `credential is null` for
 * no place of an index that it need not order by, and would sort all of the line.
 */
const ofAny = dueWalks.where('credential', 'is', null)
const ofOne = dueWalks.where('credential', '=', param<string>('credential'))

const lowest = (due: typeof dueWalks): Statement<Line & Between> =>
  statement(
    due
      .select('rank')
      .where('rank', '>', param<number>('above'))
      .where('rank', '<', param<number>('below'))
      .orderBy('credential')
      .orderBy('rank')
      .limit(1),
  )
const lowestOfAny = lowest(ofAny)
const lowestOfOne = lowest(ofOne)

/**
 * Leaps from job to job, and in each from walk to walk, along the index: a job with a hundred thousand walks is one leap. In turns, each the least
 * beyond the one before.
 */
const candidates = (due: typeof dueWalks): Statement<RankedLine & Stretch> => {
  const ranked = due.where('rank', '=', param<number>('rank'))
  const nextJob = (beyond: unknown) =>
    ranked
      .select('job_id')
      .where('job_id', '>', beyond as number)
      .where('job_id', '<=', param<number>('until'))
      .orderBy('credential')
      .orderBy('job_id')
      .limit(1)
  const nextOf = (job: unknown, beyond: unknown) =>
    ranked
      .select('id')
      .where('job_id', '=', job as number)
      .where('id', '>', beyond as number)
      .orderBy('credential')
      .orderBy('id')
      .limit(1)
  return statement(sql`
    with recursive jobs (job_id, n) as (
      select (${nextJob(param<number>('after'))}), 1
      union all
      select (${nextJob(sql.ref('jobs.job_id'))}), n + 1 from jobs where job_id is not null and n < ${param<number>('jobs')}
    ), walks (job_id, id, n) as (
      select job_id, (${nextOf(sql.ref('jobs.job_id'), 0)}), 1 from jobs where job_id is not null
      union all
      select job_id, (${nextOf(sql.ref('walks.job_id'), sql.ref('walks.id'))}), n + 1 from walks
      where id is not null and n < ${param<number>('each')}
    )
    select job_id, id from walks where id is not null`)
}
const candidatesOfAny = candidates(ofAny)
const candidatesOfOne = candidates(ofOne)

/** Looked at again once it is locked: another one may have taken it in this moment. */
const dueWalk: Statement<{ id: number }> = statement(
  builder.selectFrom('sync_walks').selectAll().where('id', '=', param<number>('id')).where(isDue),
)
