import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
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
import type { Schema } from '../schema/tables.ts'
import { hashOf, type Renewal, renew } from './elements.ts'
import { leaveShare, takeShare } from './shares.ts'
import {
  drop,
  INPUTS,
  type Input,
  nextDue,
  type Place,
  type Row,
  type Settled,
  settle,
  take,
} from './submission-rows.ts'

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
          tx.sendEach(renew, edited)
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
    // On a file each process goes by the service's own number.
    share: async request =>
      file.isShared ? worker.take(tx => takeShare(tx, request, worker.id), 'light') : request.most,
    leave: async transform => {
      if (file.isShared) await worker.write(tx => leaveShare(tx, transform, worker.id), 'light')
    },
    nextDue: async (transform, version) => {
      const due = await dueOf(transform, version)
      if (due !== null) return due
      await reap(file, worker, now())
      return dueOf(transform, version)
    },
  }
}

/** Whether anything of a version waits for its service, or is with it, whoever has it. */
export const isAnyOpen = async (db: Kysely<Schema>, transform: string, version: string): Promise<boolean> => {
  const row = await db
    .selectFrom('transforms')
    .select('id')
    .where('transform', '=', transform)
    .where('version', '=', version)
    .where('next_poll_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

interface Claim {
  readonly claimed: readonly Submission[]
  /** Rows whose text has changed before they were ever submitted. */
  readonly edited: readonly Renewal[]
}

const claim = async (tx: Tx, request: SubmissionRequest, worker: string, now: number): Promise<Claim> => {
  const { transform, version, count, polls } = request
  const due = { transform, version, count, now: instant(now), polls: polls ? 1 : 0 }
  const rows = await tx.all<typeof due, Row>(nextDue, due)
  const inputs = await findInputs(tx, rows)
  const claimed: Submission[] = []
  const edited: Renewal[] = []
  const gone: { id: number }[] = []
  for (const row of rows) {
    const found = inputs.get(row.id)
    const input = found?.input || null
    if (row.external_job_id === null) {
      if (found === undefined || input === null) {
        // Deleted or emptied in the meantime: there is nothing left to send.
        gone.push({ id: row.id })
        continue
      }
      const input_hash = hashOf(row.element_kind as ElementKind, row.element_id, input)
      if (input_hash !== row.input_hash) {
        const { id, seq } = row
        const fresh = { input_hash, input_fetched_at: found.fetched_at, key: randomUUID(), at: due.now }
        edited.push({ id, seq, ...fresh })
        continue
      }
    }
    claimed.push(submissionOf(row, input ?? '', instant(now + request.deadlineMs)))
  }
  tx.sendEach(drop, gone)
  tx.sendEach(
    take,
    claimed.map(({ id, jobId, deadlineAt }) => ({
      id,
      worker,
      deadline_at: deadlineAt,
      attempts: jobId === null ? 1 : 0,
    })),
  )
  return { claimed, edited }
}

/** What is sent of each row, looked up now: an address may have been signed anew since, and a text may be another one. */
const findInputs = async (tx: Tx, rows: readonly Row[]): Promise<ReadonlyMap<number, Input>> => {
  const inputs = new Map<number, Input>()
  for (const [kind, ofKind] of Map.groupBy(rows, row => row.element_kind as ElementKind)) {
    const places = ofKind.map(({ network, element_id: id, post_id }) => ({ network, id, post_id }))
    const found = await tx.getEach<Place, Input>(INPUTS[kind], places)
    ofKind.forEach(({ id }, at) => {
      const input = found[at]
      if (input !== undefined) inputs.set(id, input)
    })
  }
  return inputs
}

const submissionOf = (row: Row, input: string, deadline: Instant): Submission => {
  const { id, seq, network, element_id: elementId, external_job_id: jobId, polls, lost, misses } = row
  const kind = row.element_kind as ElementKind
  const status = row.status as TransformStatus
  const key = row.idempotency_key
  const deadlineAt = row.deadline_at ?? deadline
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
