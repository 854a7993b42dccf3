import { amendPassing, FaultError } from '../../core/fault.ts'
import type { Json } from '../../core/json.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Http, HttpAnswer } from '../../http/http.ts'
import { decode } from '../../http/json.ts'
import { retryAfter } from '../../http/retry-after.ts'
import { describeBody } from '../plain-text.ts'
import { type Fields, Reader } from '../reader.ts'
import { authorisation, proofOf, type Side, VERSION } from './access.ts'
import {
  explain,
  explainStatus,
  isHeavy,
  type Refusal,
  readError,
  refuse,
  type Situation,
  type Target,
} from './errors.ts'
import type { Tokens } from './renewal.ts'
import { APP_POOL, accountPool, readUsage } from './usage.ts'

export interface GraphCall {
  /** Below the version: `17841…/media`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly target: Target
  /** The own account whose allowance pays; null = the app's. */
  readonly account: string | null
  readonly paged: boolean
  /** What an answer must hold to be one: an empty success is a passing fault. Left out = anything will do. */
  readonly holds?: 'node' | 'list' | 'discovery' | 'discovered'
  /** Fewer tries of a passing fault than are usual. */
  readonly tries?: number
  /** Where what is asked for may be too heavy and few tries are to be made, so many are left for asking for less. */
  readonly spare?: number
  /** Told of each refusal, of those too that are thrown. */
  refused?(answer: GraphAnswer): void
}

export interface GraphAnswer {
  readonly part: RawPart
  /** Only what can be mended; anything else was thrown. */
  readonly refusal: Refusal | null
}

/** Sends one call: token in the header, proof beside it, usage told to the lane, refusals read. */
export const openGraph = (
  account: { readonly side: Side; readonly userId: string | null },
  tokens: Tokens,
  http: Http,
) => {
  const get = async (call: GraphCall, ctx: CallContext): Promise<GraphAnswer> => {
    const path = `/${VERSION}/${call.path}`
    const pool = poolOf(call.account)
    const access = await tokens.current(ctx)
    const url = `${access.baseUrl}${path}?${new URLSearchParams({ ...call.query, ...proofOf(access) })}`
    const send = async (signal: AbortSignal): Promise<GraphAnswer> => {
      const answer = await http.send({ method: 'GET', url, headers: authorisation(access.token) }, signal)
      const regainAt = tellUsage(answer, call, account.userId, ctx)
      const refusal = read(answer, { target: call.target, pool, paged: call.paged, now: ctx.now(), regainAt })
      const request = { method: 'GET', path, query: call.query }
      const { status, receivedAt: fetchedAt, text } = answer
      const given = (json: Json): GraphAnswer => ({
        part: { request, status, fetchedAt, text, json },
        refusal,
      })
      if (refusal !== null) call.refused?.(given(bodyOf(answer, true)))
      if (refusal !== null && refusal.mend === null) throw refuse(refusal)
      const json = answer.json()
      const empty = refusal === null ? emptySuccess(json, call) : null
      if (empty !== null) throw empty
      return given(json)
    }
    return ctx.call({ pool, units: 1 }, signal => send(signal).catch(limitTries(call)))
  }

  /**
   * Several calls of one account in one batch (docs/networks/instagram.md §3), which the lane is charged one by one; null = it was
   * not answered. Refusals come as they are, what kind soever; `check` may throw where they are not to be believed yet, and they
   * are all asked for again.
   */
  const getMany = async (
    calls: readonly GraphCall[],
    ctx: CallContext,
    check: (answers: readonly (GraphAnswer | null)[]) => void = () => {},
  ): Promise<readonly (GraphAnswer | null)[]> => {
    const [first] = calls
    if (first === undefined) return []
    const pool = poolOf(first.account)
    const access = await tokens.current(ctx)
    const url = `${access.baseUrl}/${VERSION}?${new URLSearchParams({ include_headers: 'false', ...proofOf(access) })}`
    const batch = calls.map(({ path, query }) => ({
      method: 'GET',
      relative_url: `${path}?${new URLSearchParams(query)}`,
    }))
    const headers = {
      ...authorisation(access.token),
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = `${new URLSearchParams({ batch: JSON.stringify(batch) })}`
    const situation = { target: first.target, pool, paged: false }
    const send = async (signal: AbortSignal): Promise<readonly (GraphAnswer | null)[]> => {
      const answer = await http.send({ method: 'POST', url, headers, body }, signal)
      const regainAt = tellUsage(answer, first, account.userId, ctx)
      const refusal = read(answer, { ...situation, now: ctx.now(), regainAt })
      if (refusal !== null) throw refuse(refusal)
      const parts = answer.json()
      if (!Array.isArray(parts)) throw notMany()
      const answers = calls.map((call, index): GraphAnswer | null => {
        const { code, body: text } = Object(parts[index]) as Readonly<Record<string, Json>>
        if (typeof code !== 'number' || typeof text !== 'string') return null
        const json = decodeOrNull(text)
        if (json === null) return null
        const request = { method: 'GET', path: `/${VERSION}/${call.path}`, query: call.query }
        const part = { request, status: code, fetchedAt: answer.receivedAt, text, json }
        const error = readError(json)
        const failed = code < 200 || code > 299
        const refused =
          error === null
            ? failed
              ? explainStatus(code, text, { ...situation, now: ctx.now(), regainAt })
              : null
            : explain(error, code, { ...situation, now: ctx.now(), regainAt })
        return { part, refusal: refused }
      })
      check(answers)
      return answers
    }
    return ctx.call({ pool, units: calls.length }, send)
  }

  return { side: account.side, userId: account.userId, get, getMany }
}

const decodeOrNull = (text: string): Json => {
  try {
    return decode(text)
  } catch {
    return null
  }
}

const notMany = (): FaultError =>
  new FaultError(
    { kind: 'transient', code: 'no-data', tries: 2 },
    'Instagram answered a batch without its parts',
  )

export type Graph = ReturnType<typeof openGraph>

const poolOf = (account: string | null): string => (account === null ? APP_POOL : accountPool(account))

/** Tells the lane, and returns the moment at which the call's own pool opens again, if the answer says one. */
const tellUsage = (
  answer: HttpAnswer,
  { account }: GraphCall,
  asker: string | null,
  ctx: CallContext,
): number | null => {
  const usages = readUsage(answer.headers, { account, asker }, ctx.now())
  for (const { pool, share, regainAt } of usages) ctx.usage(pool, share, regainAt ?? undefined)
  const own = usages.find(usage => usage.pool === poolOf(account))
  return own?.regainAt ?? retryAfter(answer.headers['retry-after'], ctx.now())
}

/** The refusal in an answer: an error envelope under any status, 200 too, or a status that is no success. */
const read = (answer: HttpAnswer, situation: Situation): Refusal | null => {
  const failed = answer.status < 200 || answer.status > 299
  const body = bodyOf(answer, failed)
  const error = readError(body)
  if (error !== null) return explain(error, answer.status, situation)
  return failed ? explainStatus(answer.status, answer.text, situation) : null
}

/** A failure may come as HTML of a proxy: its status then says more than its body. A success of that kind is none. */
const bodyOf = (answer: HttpAnswer, failed: boolean): Json => {
  try {
    return answer.json()
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    if (failed) return null
    const title = error.fault.code === 'html' ? describeBody(answer.text) : null
    throw title === null
      ? error
      : new FaultError(error.fault, `Instagram answered ${title}`, { cause: error })
  }
}

/**
 * A success that has not in it what was asked for: a node without its id, an edge without its list, an answer of the account
 * that asks without the one discovered. It is tried twice; a profile is then as good as not there for now, and
 * what is stored of it stays. What is no answer of this API at all is for the reader of the page to tell.
 */
const emptySuccess = (json: Json, { holds, target, paged }: GraphCall): FaultError | null => {
  const body = new Reader().object(json, '$')
  if (holds === undefined || body === null || isWhole(body, holds)) return null
  const isProfile = !paged && target !== 'list' && target !== 'object'
  const code = 'no-data'
  const then = { kind: 'not-found', code, reason: 'unavailable' } as const
  return new FaultError(
    { kind: 'transient', code, tries: 2, ...(isProfile && { then }) },
    'Instagram answered without what was asked for',
  )
}

const isWhole = (body: Fields, holds: NonNullable<GraphCall['holds']>): boolean => {
  if (holds === 'node') return body.has('id')
  if (holds === 'list') return Array.isArray(body.value('data'))
  // Every node tells its own id (docs/networks/instagram.md §3): without it, this is none.
  if (!body.has('id')) return true
  const other = body.object('business_discovery')
  return holds === 'discovery' ? other?.has('id') === true : other !== null
}

const limitTries =
  ({ tries, spare }: GraphCall) =>
  (error: unknown): never => {
    throw amendPassing(error, fault => ({
      ...(tries !== undefined && fault.tries === undefined && { tries }),
      ...(spare !== undefined && isHeavy(error) && { spare }),
    }))
  }
