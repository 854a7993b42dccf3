import { amendPassing, FaultError } from '../../core/fault.ts'
import { instant } from '../../core/instant.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Http, HttpAnswer, HttpRequest } from '../../http/http.ts'
import { decode } from '../../http/json.ts'
import { retryAfter } from '../../http/retry-after.ts'
import type { Evidence } from '../evidence.ts'
import { type Asked, faultOf, type Refusal, readRefusal, UNANSWERED } from './errors.ts'
import type { Tokens } from './tokens.ts'

/** One question to an endpoint. */
export interface Question extends Asked {
  readonly method: 'GET' | 'POST'
  readonly fields: readonly string[]
  /** Fields to leave out, one set after the other, where TikTok refuses the list and does not say which it means. */
  readonly spare?: readonly (readonly string[])[]
  /** True where fields depend on what a person permits: refused today, they are asked for again tomorrow. */
  readonly grants?: boolean
  /** True where a good answer may hold nothing at all. */
  readonly mayBeBare?: boolean
  readonly body?: JsonObject
  /** From sending to the last byte, milliseconds. */
  readonly deadlineMs: number
  /**
   * True for a refusal that the stream reads as an answer, once all tries are used up; any other is thrown. What was not
   * answered so that it could be read is an outage of status 0.
   */
  readonly accepts?: (refusal: Refusal) => boolean
}

/** The API as the streams call it: every attempt is charged, a dead token renewed once, refused fields left out. */
export interface Api {
  ask(question: Question, ctx: CallContext): Promise<RawPart>
}

export interface ApiOptions {
  readonly http: Http
  readonly origin: string
  readonly tokens: Tokens
  /** Which fields TikTok refuses to this account. */
  readonly evidence: Evidence
  /** Whose credential it is, never a secret. */
  readonly account: string
}

export const openApi = ({ http, origin, tokens, evidence, account }: ApiOptions): Api => {
  /** One try, which knows how many there may be. */
  const receive = async (question: Question, token: string, signal: AbortSignal) => {
    try {
      const answer = await http.send(requestOf(question, origin, token), signal)
      return { answer, part: partOf(question, answer) }
    } catch (error) {
      throw withTries(error, question.tries)
    }
  }

  /** One question with its retries: the answer, or the last refusal where it is accepted or speaks of the token. */
  const attempt = async (question: Question, token: string, ctx: CallContext): Promise<RawPart> => {
    let heard: RawPart | null = null
    try {
      return await ctx.call({ pool: question.pool, units: 1 }, async signal => {
        const { answer, part } = await receive(question, token, signal)
        const refusal = readRefusal(part, question)
        if (refusal === null || refusal.sense === 'token') return part
        heard = question.accepts?.(refusal) ? part : null
        const regainAt = retryAfter(answer.headers['retry-after'], ctx.now())
        throw faultOf(refusal, { ...question, regainAt }, part)
      })
    } catch (error) {
      if (heard !== null && speaksOf(error, heard, question)) return heard
      const part = unansweredPart(question, error, ctx.now())
      const refusal = part === null ? null : readRefusal(part, question)
      if (part !== null && refusal !== null && question.accepts?.(refusal)) return part
      throw error
    }
  }

  const send = async (question: Question, ctx: CallContext): Promise<RawPart> => {
    const token = await tokens.current(ctx)
    const part = await attempt(question, token, ctx)
    if (readRefusal(part, question)?.sense !== 'token') return part
    const second = await attempt(question, await tokens.renew(ctx, token), ctx)
    const refusal = readRefusal(second, question)
    if (refusal?.sense === 'token') throw faultOf(refusal, question, second)
    return second
  }

  return {
    async ask(question, ctx) {
      const factOf = (field: string): string => `the field ${field} of ${question.path}`
      const isRefused = (field: string): boolean => evidence.holds(account, factOf(field))
      const known = question.fields.filter(isRefused)
      const spare = [...(question.spare ?? [])]
      let left: readonly string[] = known
      for (;;) {
        const fields = question.fields.filter(field => !left.includes(field))
        const accepts = (refusal: Refusal) =>
          speaksOfFields(refusal, question) || question.accepts?.(refusal) === true
        const part = await send({ ...question, fields, accepts }, ctx)
        const refusal = readRefusal(part, question)
        if (refusal === null) {
          // What an owner does not permit says nothing of the next owner, nor of tomorrow.
          const learned = question.grants ? [] : left.filter(field => !known.includes(field))
          for (const field of learned) evidence.refused(account, factOf(field), JSON.stringify(question.body))
          for (const field of fields) evidence.accepted(account, factOf(field))
          return part
        }
        const fewer = speaksOfFields(refusal, question) ? leaveOut(refusal, fields, left, known, spare) : null
        if (fewer === null) {
          if (question.accepts?.(refusal)) return part
          throw faultOf(refusal, question, part)
        }
        left = fewer
      }
    },
  }
}

/** A client without approval is refused every field; an owner may have kept back some. */
const speaksOfFields = ({ sense }: Refusal, { grants = false }: Question): boolean =>
  sense === 'request' || sense === 'fields' || (sense === 'permission' && grants)

/** The fields to do without next: those that the message names, else the next spare ones; null = none is left to blame. */
const leaveOut = (
  { message, sense }: Refusal,
  asked: readonly string[],
  left: readonly string[],
  known: readonly string[],
  spare: (readonly string[])[],
): readonly string[] | null => {
  // What is lacking is a part of the question that is no field.
  if (sense === 'request' && /\b(required|missing)\b/i.test(message)) return null
  // Only names with a `_`: `id` and `text` are ordinary words.
  const named = asked.filter(field => field.includes('_') && new RegExp(`\\b${field}\\b`).test(message))
  if (named.length > 0) return [...left, ...named]
  const next = spare.shift()
  return next === undefined ? null : [...known, ...next]
}

/** False where the tries were ended by something else than this refusal: the ledger, an abort, no network. */
const speaksOf = (error: unknown, heard: RawPart, question: Question): boolean =>
  error instanceof FaultError && error.fault.code === readRefusal(heard, question)?.code

const requestOf = (question: Question, origin: string, token: string): HttpRequest => ({
  method: question.method,
  url: `${origin}${question.path}${question.fields.length === 0 ? '' : `?fields=${question.fields.join(',')}`}`,
  headers: {
    authorization: `Bearer ${token}`,
    ...(question.body !== undefined && { 'content-type': 'application/json' }),
  },
  ...(question.body !== undefined && { body: JSON.stringify(question.body) }),
  deadlineMs: question.deadlineMs,
})

const askedOf = ({ method, path, fields, body }: Question): JsonObject => ({
  method,
  path,
  fields,
  ...(body !== undefined && { body }),
})

const partOf = (question: Question, answer: HttpAnswer): RawPart => {
  const text = answer.text.replace(SHARED_BY, '$1')
  return {
    request: askedOf(question),
    status: answer.status,
    fetchedAt: answer.receivedAt,
    text,
    json: readJson(answer, text),
  }
}

/** What a shared address says of who shared it: the client's key is among it (docs/networks/tiktok.md §5). */
const SHARED_BY = /("share_url"\s*:\s*"[^"?]*)\?[^"]*/g

/**
 * What stands in the place of an answer that did not come, or not so that it could be read: what is known of it, as TikTok
 * would word a refusal. Null where it was answered, or is no matter of the network.
 */
const unansweredPart = (question: Question, error: unknown, now: number): RawPart | null => {
  if (!(error instanceof FaultError) || error.fault.kind !== 'transient') return null
  const json = { error: { code: error.fault.code, message: error.message } }
  return {
    request: askedOf(question),
    status: UNANSWERED,
    fetchedAt: instant(now),
    text: JSON.stringify(json),
    json,
  }
}

const withTries = (error: unknown, tries: number | undefined): unknown =>
  amendPassing(error, () => (tries === undefined ? {} : { tries }))

/** A gateway's HTML is judged by its status; a success that is no JSON is the decoder's own transient fault. */
const readJson = (answer: HttpAnswer, text: string): Json => {
  const read = (): Json => (text === answer.text ? answer.json() : decode(text))
  if (answer.status < 400) return read()
  try {
    return read()
  } catch {
    return null
  }
}
