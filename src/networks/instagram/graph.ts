import { FaultError } from '../../core/fault.ts'
import type { Json } from '../../core/json.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Http, HttpAnswer } from '../../http/http.ts'
import { retryAfter } from '../../http/retry-after.ts'
import { authorisation, proofOf, type Side, VERSION } from './access.ts'
import {
  explain,
  explainStatus,
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
    return ctx.call({ pool, units: 1 }, async signal => {
      const answer = await http.send({ method: 'GET', url, headers: authorisation(access.token) }, signal)
      const regainAt = tellUsage(answer, call, ctx)
      const refusal = read(answer, { target: call.target, pool, paged: call.paged, now: ctx.now(), regainAt })
      if (refusal !== null && refusal.mend === null) throw refuse(refusal)
      const request = { method: 'GET', path, query: call.query }
      const { status, receivedAt: fetchedAt, text } = answer
      return { part: { request, status, fetchedAt, text, json: answer.json() }, refusal }
    })
  }
  return { side: account.side, userId: account.userId, get }
}

export type Graph = ReturnType<typeof openGraph>

const poolOf = (account: string | null): string => (account === null ? APP_POOL : accountPool(account))

/** Tells the lane, and returns the moment at which the call's own pool opens again, if the answer says one. */
const tellUsage = (answer: HttpAnswer, { account }: GraphCall, ctx: CallContext): number | null => {
  const usages = readUsage(answer.headers, account, ctx.now())
  for (const { pool, share, regainAt } of usages) ctx.usage(pool, share, regainAt ?? undefined)
  const own = usages.find(usage => usage.pool === poolOf(account))
  return own?.regainAt ?? retryAfter(answer.headers['retry-after'], ctx.now())
}

/** The refusal in an answer: an error envelope under any status, 200 too, or a status that is no success. */
const read = (answer: HttpAnswer, situation: Situation): Refusal | null => {
  const failed = answer.status < 200 || answer.status > 299
  const body = failed ? bodyOrNull(answer) : answer.json()
  const error = readError(body)
  if (error !== null) return explain(error, answer.status, situation)
  return failed ? explainStatus(answer.status, situation) : null
}

/** A failure may come as HTML of a proxy: its status then says more than its body. */
const bodyOrNull = (answer: HttpAnswer): Json => {
  try {
    return answer.json()
  } catch (error) {
    if (error instanceof FaultError) return null
    throw error
  }
}
