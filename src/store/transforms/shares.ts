import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'

/** A worker that wants to call a service. */
export interface ShareRequest {
  readonly transform: string
  /** Calls in flight that the service allows, of all machines together. */
  readonly most: number
  /** How many this worker has in flight now. */
  readonly busy: number
}

/**
 * How many calls to a service a worker may have in flight from now on: an even part of what the service allows among those who
 * want to call it, as far as the others have left it free; never less than it has in flight. So all of them together never have
 * more than the service allows, and who comes later gets its part as soon as the others' calls have ended.
 */
export const takeShare = async (
  tx: Tx,
  { transform, most, busy }: ShareRequest,
  worker: string,
): Promise<number> => {
  tx.send(openService, { transform })
  // One at a time: what is free is given away once.
  await tx.lock(serviceRow, { transform })
  const others = (await tx.all<OfService, Share>(sharesOf, { transform })).filter(
    one => one.worker !== worker,
  )
  const crew = [...others.map(one => one.worker), worker].sort()
  const even = Math.floor(most / crew.length) + (crew.indexOf(worker) < most % crew.length ? 1 : 0)
  const free = most - others.reduce((sum, { calls }) => sum + calls, 0)
  const calls = Math.max(busy, Math.min(even, free))
  tx.send(setShare, { worker, transform, calls })
  return calls
}

/** A worker that does not want to call a service for now: its part is the others'. */
export const leaveShare = async (tx: Tx, transform: string, worker: string): Promise<void> => {
  tx.send(dropShare, { transform, worker })
}

interface Share {
  readonly worker: string
  readonly calls: number
}

type OfService = { transform: string }

/** The row of a service among the paces stands for it as a whole; its calls per second are another one's. */
const SERVICE = 'service'

const openService: Statement<OfService> = statement(
  builder
    .insertInto('paces')
    .values({ network: SERVICE, owner: param<string>('transform'), next_at: 0 })
    .onConflict(conflict => conflict.doNothing()),
)

const serviceRow: Statement<OfService> = statement(
  builder
    .selectFrom('paces')
    .select('next_at')
    .where('network', '=', SERVICE)
    .where('owner', '=', param<string>('transform')),
)

const sharesOf: Statement<OfService> = statement(
  builder
    .selectFrom('service_shares')
    .select(['worker', 'calls'])
    .where('transform', '=', param<string>('transform')),
)

const setShare: Statement<Share & OfService> = statement(
  builder
    .insertInto('service_shares')
    .values({
      worker: param<string>('worker'),
      transform: param<string>('transform'),
      calls: param<number>('calls'),
    })
    .onConflict(conflict =>
      conflict.columns(['worker', 'transform']).doUpdateSet(eb => ({ calls: eb.ref('excluded.calls') })),
    ),
)

const dropShare: Statement<OfService & { worker: string }> = statement(
  builder
    .deleteFrom('service_shares')
    .where('worker', '=', param<string>('worker'))
    .where('transform', '=', param<string>('transform')),
)
