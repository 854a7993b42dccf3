import type { SandboxRequest } from '../../sandbox.ts'
import { readDay } from './research/query.ts'
import type { Knobs } from './switches.ts'
import { INVALID_CURSOR, invalid, Refusal } from './wire/reply.ts'
import { Body, isObject } from './wire/request.ts'

/** How a sick part answers, always. */
export type Sickness = '500' | '400' | 'cut' | 'empty' | 'invalid-cursor'

/**
 * How the part that a request asks for is sick, or null: it is well. Where the switch `sick` names something, only
 * requests that ask for it are touched: `of` = texts of which the body holds one (names, ids), `from` and `to` = days
 * (`YYYYMMDD`) that a search touches, `later` = true: pages beyond the first.
 */
export const sicknessOf = (knobs: Knobs, request: SandboxRequest): Sickness | null => {
  const value = knobs.take('sick', request)
  if (!isObject(value)) return null
  const body = request.body === '' ? new Body({}) : Body.ofJson(request)
  const { how, of, from, to, later } = value
  if (Array.isArray(of) && !of.some(text => request.body.includes(`"${String(text)}"`))) return null
  if (later === true && body.cursor() === 0) return null
  if (from !== undefined && !touches(body, String(from), String(to ?? from))) return null
  return SICKNESSES.find(known => known === how) ?? '500'
}

const SICKNESSES: readonly Sickness[] = ['500', '400', 'cut', 'empty', 'invalid-cursor']

/** Throws what a sick part answers with in place of data. */
export const refuseSick = (sickness: Sickness | null): void => {
  if (sickness === '500')
    throw new Refusal(500, 'internal_error', 'Something is wrong. Please try again later.', true)
  if (sickness === '400') throw new Refusal(400, 'unheard_of', 'The request could not be processed.')
  if (sickness === 'invalid-cursor') throw invalid(INVALID_CURSOR)
}

const touches = (body: Body, from: string, to: string): boolean =>
  readDay(String(body.get('start_date'))) <= readDay(to) &&
  readDay(String(body.get('end_date'))) >= readDay(from)
