import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type {
  ElementKind,
  Submission,
  SubmissionChange,
  SubmissionRequest,
  SubmissionStore,
  TransformStatus,
} from '../../core/transform.ts'
import type { Database, Tx } from '../database/database.ts'
import { reap, type Worker } from '../queue/worker.ts'
import { encode, encodeJson } from '../schema/rows.ts'
import { hashOf, type Renewal, renew } from './elements.ts'
import { drop, INPUTS, type Input, nextDue, type Row, type Settled, settle, take } from './submission-rows.ts'

/** The table `transforms` as the worker of an open store uses it: claimed, fenced and taken over like walks. */
export const openSubmissions = (file: Database, worker: Worker, clock: Clock): SubmissionStore => {
  const now = (): Instant => instant(clock.now())
  const dueOf = async (transform: string, version: string): Promise<Instant | null> => {
    const row = await file.committed.db
      .selectFrom('transforms')
      .select(eb => eb.fn.min('next_poll_at').as('due'))
      .where('transform', '=', transform)
      .where('version', '=', version)
      .where('next_poll_at', 'is not', null)
      .where('worker', 'is', null)
      .executeTakeFirst()
    return row?.due ?? null
  }
  return {
    claim: async request => {
      const { claimed, edited } = await worker.take(tx => claim(tx, request, worker.id, clock.now()), 'light')
      // Their new keys must be on the disk before anything is sent under them: the next claim takes them.
      if (edited.length > 0) {
        await worker.write(async tx => {
          for (const row of edited) await tx.run(renew, row)
        })
      }
      return claimed
    },
    // After a power cut an accepted submission is repeated under its key, and a job asked about again: only what ends
    // or gets a new key needs a sync to disk of its own.
    settle: (submission, change) =>
      file.write(
        async tx => (await tx.run(settle, settled(submission, change, worker.id, now()))) === 1,
        change.nextPollAt === null || change.lost !== undefined ? 'full' : 'light',
      ),
    nextDue: async (transform, version) => {
      const due = await dueOf(transform, version)
      if (due !== null) return due
      await reap(file, worker, now())
      return dueOf(transform, version)
    },
  }
}

interface Claim {
  readonly claimed: readonly Submission[]
  /** Rows whose text has changed before they were ever submitted. */
  readonly edited: readonly Renewal[]
}

const claim = async (tx: Tx, request: SubmissionRequest, worker: string, now: number): Promise<Claim> => {
  const { transform, version, count, polls } = request
  const due = { transform, version, count, now: instant(now), polls: polls ? 1 : 0 }
  const claimed: Submission[] = []
  const edited: Renewal[] = []
  for (const row of await tx.all<typeof due, Row>(nextDue, due)) {
    // Looked up now: an address may have been signed anew since, and a text may be another one.
    const kind = row.element_kind as ElementKind
    const place = { network: row.network, id: row.element_id, post_id: row.post_id }
    const found = await tx.get<typeof place, Input>(INPUTS[kind], place)
    const input = found?.input || null
    if (row.external_job_id === null) {
      if (found === undefined || input === null) {
        // Deleted or emptied in the meantime: there is nothing left to send.
        await tx.run(drop, { id: row.id })
        continue
      }
      const input_hash = hashOf(kind, row.element_id, input)
      if (input_hash !== row.input_hash) {
        const { id, seq } = row
        const fresh = { input_hash, input_fetched_at: found.fetched_at, key: randomUUID(), at: due.now }
        edited.push({ id, seq, ...fresh })
        continue
      }
    }
    claimed.push(await lend(tx, row, input ?? '', { worker, deadline: instant(now + request.deadlineMs) }))
  }
  return { claimed, edited }
}

/** A due row as this worker's. */
const lend = async (
  tx: Tx,
  row: Row,
  input: string,
  { worker, deadline }: { readonly worker: string; readonly deadline: Instant },
): Promise<Submission> => {
  const { id, seq, network, element_id: elementId, external_job_id: jobId, polls, lost, misses } = row
  const deadlineAt = row.deadline_at ?? deadline
  await tx.run(take, { id, worker, deadline_at: deadlineAt, attempts: jobId === null ? 1 : 0 })
  const kind = row.element_kind as ElementKind
  const status = row.status as TransformStatus
  const key = row.idempotency_key
  return { id, seq, network, kind, elementId, input, key, jobId, status, polls, lost, misses, deadlineAt }
}

const settled = (
  { id, seq, key, jobId, polls, lost, misses }: Submission,
  change: SubmissionChange,
  worker: string,
  at: Instant,
): Settled => {
  const isLost = change.lost !== undefined && change.lost > lost
  const nowJobId = change.jobId === undefined ? jobId : change.jobId
  return {
    id,
    seq,
    worker,
    status: change.status,
    external_job_id: encode(nowJobId, 'id') as string | null,
    result: change.result === undefined ? null : encodeJson(change.result),
    error_type: change.errorType ?? null,
    error_message: encode(change.message, 'text') as string | null,
    polls: change.polls ?? polls,
    lost: change.lost ?? lost,
    misses: change.misses ?? misses,
    idempotency_key: isLost ? randomUUID() : key,
    next_poll_at: change.nextPollAt,
    submitted_at: jobId === null && nowJobId !== null ? at : null,
    finished_at: change.nextPollAt === null ? at : null,
  }
}
