import type { Clock } from '../core/clock.ts'
import type { FaultError } from '../core/fault.ts'
import type { JsonObject } from '../core/json.ts'
import { type Caller, exactly } from '../core/stream.ts'
import type { Submission, TransformDefinition } from '../core/transform.ts'
import type { Http } from '../http/http.ts'
import { retryAfter } from '../http/retry-after.ts'
import { type Asked, accept, blameService, POOL } from './faults.ts'
import { batchRequest, type JobAnswer, jobRequest, LARGEST_RESULT, readBatch, readJob } from './wire.ts'

/** A transform as the config file describes it. Lengths of time are milliseconds. */
export interface TransformSettings extends TransformDefinition {
  /** Without a slash at the end; the only address that is ever called for it. */
  readonly url: string
  readonly concurrency: number
  /** Calls started per second, or null: as many as the service takes. */
  readonly perSecond: number | null
  /** Elements in one submission; null = the service takes one at a time. */
  readonly batch: number | null
  /** From the first submission to the end of all patience. */
  readonly deadlineMs: number
  /** Of one call. */
  readonly timeoutMs: number
  /** The environment variable with the bearer token; null = none is sent. */
  readonly tokenVariable: string | null
}

/** What a service said of one job, and from when (epoch ms) it wants to be asked again. */
export interface Told {
  readonly answer: JobAnswer
  readonly askAgainAt: number | null
}

/** An external service, opened: address and token closed over. Throws and gives FaultErrors alone. */
export interface Service {
  readonly settings: TransformSettings
  /** What the lane knows of it. */
  readonly source: Caller
  /** One call for all of them, in their order. */
  submit(submissions: readonly Submission[], signal: AbortSignal): Promise<readonly (Told | FaultError)[]>
  poll(jobId: string, signal: AbortSignal): Promise<Told>
}

export interface ServiceOptions {
  readonly settings: TransformSettings
  readonly token: string | null
  readonly http: Http
  readonly clock: Clock
}

/** How a transform is called where networks are: in the ledger, in events. */
export const laneName = (transform: string): string => `${LANE}${transform}`
const LANE = 'transform:'
/** The transform of a lane. */
export const transformOf = (lane: string): string => lane.slice(LANE.length)

const DAY = 86_400_000

export const openService = ({ settings, token, http, clock }: ServiceOptions): Service => {
  const { transform, version, url, perSecond, concurrency, timeoutMs } = settings
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }

  const call = async (
    asked: Asked,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
    sent?: { readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject },
  ) => {
    const headers = { ...authorization, ...(sent && { 'content-type': 'application/json', ...sent.headers }) }
    const answer = await http
      .send(
        {
          method: asked === 'submit' ? 'POST' : 'GET',
          url: url + path,
          headers,
          deadlineMs: timeoutMs,
          maxBytes,
          ...(sent && { body: JSON.stringify(sent.body) }),
        },
        signal,
      )
      .catch(blameService)
    const json = accept(answer, asked, clock.now()).json()
    return { json, askAgainAt: retryAfter(answer.headers['retry-after'], clock.now()) }
  }

  return {
    settings,
    source: {
      network: laneName(transform),
      credential: transform,
      owner: transform,
      limits: {
        concurrency: exactly(concurrency),
        perSecond,
        order: 'by-entity',
        pools: [{ name: POOL, allowance: null, window: { kind: 'rolling', ms: DAY } }],
      },
    },
    submit: async (submissions, signal) => {
      const [first] = submissions
      if (first === undefined) return []
      if (settings.batch === null) {
        const body = jobRequest(first, transform, version)
        const sent = { headers: { 'idempotency-key': first.key }, body }
        const { json, askAgainAt } = await call('submit', '/jobs', ANSWER, signal, sent)
        return [{ answer: readJob(json, null), askAgainAt }]
      }
      const sent = { headers: {}, body: batchRequest(submissions, transform, version) }
      const { json, askAgainAt } = await call('submit', '/jobs', ANSWER * submissions.length, signal, sent)
      return readBatch(json, submissions.length).map(answer =>
        'jobId' in answer ? { answer, askAgainAt } : answer,
      )
    },
    poll: async (jobId, signal) => {
      const { json, askAgainAt } = await call('poll', `/jobs/${encodeURIComponent(jobId)}`, ANSWER, signal)
      return { answer: readJob(json, jobId), askAgainAt }
    },
  }
}

/** Bytes of an answer about one job: its result, and what stands around it. */
const ANSWER = LARGEST_RESULT + 2 ** 16
