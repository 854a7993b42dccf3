import type { z } from 'zod'
import { findRun, type RunStanding } from '../app/reports/queries.ts'
import type { OrderRequest } from '../app/run/run-queue.ts'
import { Refused } from './problems.ts'
import { Run } from './schemas.ts'
import type { ServerContext } from './server-context.ts'
import { runView } from './views.ts'

/** What any request may meet. */
export const COMMON = ['unauthorised', 'foreign', 'too-many-requests'] as const
/** What a request that changes something may meet besides. */
export const ON_BODY = ['bad-request', 'too-large', 'not-json', 'unavailable'] as const
/** The answers to what makes a run. */
export const ORDERED = {
  200: Run.describe('The run that this key made before'),
  202: Run.describe('The run: it waits for its turn'),
}

interface Ordered {
  readonly status: 200 | 202
  readonly run: z.input<typeof Run>
}

export const noJob = (id: string): Refused => new Refused('not-found', { detail: `there is no job ${id}` })

const noRun = (id: number): Refused => new Refused('not-found', { detail: `there is no run ${id}` })

/** How a run stands, without what has to be counted; refused as not found where there is none. */
export const standingOf = async (context: ServerContext, id: number): Promise<RunStanding> => {
  const standing = await findRun(context.reader, id)
  if (standing === null) throw noRun(id)
  return standing
}

/** A run as the API shows it; refused as not found where there is none. */
export const showRun = async (context: ServerContext, id: number): Promise<z.input<typeof Run>> => {
  const view = await context.reports.run(id)
  if (view === null) throw noRun(id)
  return runView(view, context.runner.position(id))
}

/** Makes the run of an order and puts it in the queue, unless the key did so before. */
export const startRun = async (
  context: ServerContext,
  order: OrderRequest,
  key: string | undefined,
  asked: unknown,
): Promise<Ordered> => {
  const placed = await context.queue.place(order, key ?? null, asked, 'api')
  if (placed.type === 'other') throw new Refused('key-reused', { hint: 'make a new key for each request' })
  if (placed.type === 'new' && !context.queue.isShared)
    context.runner.add({ runId: placed.runId, request: order })
  return { status: placed.type === 'new' ? 202 : 200, run: await showRun(context, placed.runId) }
}

/** Goes on with what these jobs, or those of a run, left unfinished. */
export const resume = async (
  context: ServerContext,
  which: { readonly jobs: readonly number[] } | { readonly runId: number },
  key: string | undefined,
): Promise<Ordered> => {
  const known = await context.queue.find(key ?? null, which)
  const jobs = known === null ? await context.queue.unfinished(which) : []
  if (known === null && jobs.length === 0) throw new Refused('nothing-to-resume')
  const work = { transforms: context.defaultTransforms }
  return startRun(context, { kind: 'resume', jobs, work }, key, which)
}
