import { FaultError } from '../core/fault.ts'
import type { Json, JsonObject } from '../core/json.ts'
import {
  type ElementKind,
  type Submission,
  TRANSFORM_STATUSES,
  type TransformStatus,
} from '../core/transform.ts'

/** What a service says of a job. */
export interface JobAnswer {
  readonly jobId: string
  readonly status: TransformStatus
  /** When done. */
  readonly result?: Json
  /** When failed. */
  readonly error: string | null
}

/** The key that an element's id is sent under, and how its input is called. */
const SENT: Readonly<Record<ElementKind, { id: string; type: 'text' | 'image'; input: string }>> = {
  post: { id: 'post_id', type: 'text', input: 'text' },
  media: { id: 'media_id', type: 'image', input: 'media_url' },
  profile: { id: 'profile_id', type: 'text', input: 'text' },
  comment: { id: 'comment_id', type: 'text', input: 'text' },
}

/** The body of `POST {base}/jobs`. */
export const jobRequest = (
  { kind, elementId, network, input }: Submission,
  transform: string,
  version: string,
): JsonObject => {
  const sent = SENT[kind]
  return { [sent.id]: elementId, type: sent.type, network, transform, version, [sent.input]: input }
}

/** The body for several at once (docs/transforms.md): each with its own key, answered in their order. */
export const batchRequest = (
  submissions: readonly Submission[],
  transform: string,
  version: string,
): JsonObject => ({
  jobs: submissions.map(submission => ({
    ...jobRequest(submission, transform, version),
    idempotency_key: submission.key,
  })),
})

/** Characters of a job's id, and of an error, that are believed. */
const LONGEST_ID = 200
const LONGEST_ERROR = 500
/** Bytes of one result. */
export const LARGEST_RESULT = 2 ** 20

/** An answer about one job; `known` = the id that was asked about. Throws an `unreadable` FaultError that says what is wrong. */
export const readJob = (json: Json, known: string | null): JobAnswer => {
  if (!isObject(json)) throw unreadable('shape', 'is no object')
  const jobId = readId(json.job_id) ?? known
  if (jobId === null) throw unreadable('no-job-id', 'has no job_id')
  const status = TRANSFORM_STATUSES.find(word => word === json.status)
  if (status === undefined)
    throw unreadable('status', `has a status that is none of ${TRANSFORM_STATUSES.join(', ')}`)
  if (status === 'failed') return { jobId, status, error: readError(json.error) }
  if (status !== 'done') return { jobId, status, error: null }
  if (json.result === undefined) throw unreadable('no-result', 'is done, but has no result')
  if (Buffer.byteLength(JSON.stringify(json.result)) > LARGEST_RESULT)
    throw unreadable('too-large', `has a result of more than ${LARGEST_RESULT} bytes`)
  return { jobId, status, result: json.result, error: null }
}

/** What was said of each of `count` jobs; in the place of one that was refused, why. */
export const readBatch = (json: Json, count: number): readonly (JobAnswer | FaultError)[] => {
  const list = isObject(json) ? json.jobs : json
  if (!isList(list)) throw unreadable('shape', 'is no list of jobs')
  if (list.length !== count) throw unreadable('length', `speaks of ${list.length} jobs, not of ${count}`)
  return list.map(item => {
    if (isObject(item) && item.job_id === undefined && item.error !== undefined) {
      const fault = { kind: 'rejected', code: 'refused' } as const
      return new FaultError(fault, `the service refused it: ${readError(item.error) ?? 'it did not say why'}`)
    }
    try {
      return readJob(item, null)
    } catch (error) {
      if (error instanceof FaultError) return error
      throw error
    }
  })
}

/** Text or a whole number. What would lead elsewhere within an address is no id. */
const readId = (value: Json | undefined): string | null => {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID || /^\.{1,2}$/.test(id)) return null
  return id
}

const readError = (value: Json | undefined): string | null => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text === 'null' || text === '' ? null : text.slice(0, LONGEST_ERROR)
}

const unreadable = (code: string, what: string): FaultError =>
  new FaultError({ kind: 'unreadable', code }, `the service's answer ${what}`)

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value)
