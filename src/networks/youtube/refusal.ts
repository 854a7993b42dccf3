import type { Json } from '../../core/json.ts'
import type { HttpAnswer } from '../../http/http.ts'
import { retryAfter } from '../../http/retry-after.ts'
import { describeBody, plainText } from '../plain-text.ts'
import { type Fields, Reader } from '../reader.ts'

/** What a refusing answer says. Only `domain: youtube.*` speaks of the thing asked for; all else of who asks. */
export interface Refusal {
  readonly status: number
  readonly reasons: readonly string[]
  readonly ofResource: boolean
  /** False: no API answered, but something in between with a page or a text. */
  readonly ofApi: boolean
  /** For people: its own words, or what was sent instead of an answer. */
  readonly message: string
  /** Name, unit and limit of the quota that is used up, where told. */
  readonly metric: string
  readonly period: 'day' | 'minute' | null
  readonly retryAt: number | null
  readonly waitMs: number | null
}

export const readRefusal = (answer: HttpAnswer): Refusal => {
  const reader = new Reader()
  const body = reader.object(tryJson(answer), '$')
  // The token endpoint sends a plain word and a description.
  const word = typeof body?.raw.error === 'string' ? body.raw.error : null
  const error = word === null ? (body?.object('error') ?? null) : null
  const errors = error?.objects('errors') ?? []
  const details = error?.objects('details') ?? []
  const metadata = details.flatMap(detail => detail.object('metadata') ?? [])
  const text = (key: string): string => metadata.map(fields => fields.string(key) ?? '').join('')
  const words = word === null ? error?.string('message') : body?.string('error_description')
  const ofApi = body !== null
  const message = ofApi ? plainText(words ?? '') : describeBody(answer.text)
  const receivedAt = Date.parse(answer.receivedAt)
  const retryAt = retryAfter(answer.headers['retry-after'], receivedAt)
  return {
    status: answer.status < 300 ? (error?.count('code') ?? answer.status) : answer.status,
    reasons: [...(word === null ? [] : [word]), ...reasonsOf(errors), ...reasonsOf(details)],
    ofResource: errors.some(({ raw }) => typeof raw.domain === 'string' && raw.domain.startsWith('youtube.')),
    ofApi,
    message,
    metric: text('quota_metric'),
    period: periodOf(`${text('quota_unit')} ${text('quota_limit')} ${message}`),
    retryAt,
    waitMs: retryAt === null ? null : retryAt - receivedAt,
  }
}

const reasonsOf = (list: readonly Fields[]): readonly string[] =>
  list.flatMap(fields => fields.string('reason') ?? [])

/** Units read `1/d/{project}`, limits `defaultPerDayPerProject`, messages "queries per day". */
const periodOf = (text: string): 'day' | 'minute' | null => {
  if (/1\/d\/|per ?day/i.test(text)) return 'day'
  return /1\/min\/|per ?minute/i.test(text) ? 'minute' : null
}

const tryJson = (answer: HttpAnswer): Json => {
  try {
    return answer.json()
  } catch {
    return null
  }
}
