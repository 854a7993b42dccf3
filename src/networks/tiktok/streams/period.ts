import { FaultError } from '../../../core/fault.ts'
import { type FetchContext, type Page, type PageRequest, page, type RawPage } from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import type { Api } from '../api.ts'
import { readRefusal, type Sense } from '../errors.ts'
import { firstPart } from '../part.ts'
import { type Period, nameOf as periodName } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import { isStuck, readSearch, searchOf, type Takes, windowName } from './search.ts'
import type { Aim } from './seek.ts'
import { afterRefusal } from './setback.ts'
import { opening, type SearchPosition } from './walk.ts'

/**
 * Asks for a period that a walk over searches could not have: where it stays refused, with whatever words, its task
 * fails, and is tried again by the engine's rules, a search each.
 */
export const openPeriod =
  (api: Api, gaps: KnownGaps) =>
  async (request: PageRequest, aim: Aim, ctx: FetchContext): Promise<RawPage> => {
    const place = placeOf(request, aim)
    const { scope } = aim
    const period: Period = { start: scope.floor, end: scope.last }
    try {
      const part = await api.ask(
        {
          ...searchOf(aim.queryOf(place.names), place, scope),
          accepts: refusal =>
            ANSWERABLE.has(refusal.sense) &&
            !isAgain(refusal.sense, place) &&
            aim.isFinal?.(refusal) !== true,
        },
        ctx,
      )
      if (isStuck(part, place)) throw new FaultError(MAY_PASS, `its pages do not go on from ${place.index}`)
      if (readRefusal(part) === null) gaps.forget(period)
      return { parts: [part] }
    } catch (error) {
      if (!(error instanceof FaultError) || !IN_VAIN.has(error.fault.kind)) throw error
      gaps.note([period])
      const { code } = error.fault
      const message = `TikTok does not give the videos of ${periodName(period)}: ${error.message}`
      throw new FaultError({ ...MAY_PASS, code }, message, { cause: error })
    }
  }

/** The page, and a name that goes no further. */
export const readPeriod = (
  raw: RawPage,
  request: PageRequest,
  aim: Aim,
  takesAt: (names: readonly string[]) => Takes,
): { readonly page: Page; readonly missing: { readonly name: string; readonly reason: Reason } | null } => {
  const place = placeOf(request, aim)
  const part = firstPart(raw)
  const refusal = readRefusal(part)
  const window = windowName(place, aim.scope)
  if (refusal === null) {
    const { says, next } = readSearch(part, place, aim.scope, request, takesAt(place.names))
    return { page: page({ ...says, next, window }), missing: null }
  }
  const { next, missing } = afterRefusal(refusal, place, aim.scope, [])
  return { page: page({ next, window }), missing }
}

/** Refusals that a search goes on from as any other does. */
const ANSWERABLE: ReadonlySet<Sense> = new Set(['search-id', 'no-user', 'refused', 'private'])
const isAgain = (sense: Sense, { again }: SearchPosition): boolean => sense === 'search-id' && again

/** Faults after which the period is still not read. Whatever TikTok calls it, other searches of these names work. */
const IN_VAIN: ReadonlySet<string> = new Set([
  'transient',
  'rejected',
  'cursor-expired',
  'forbidden',
  'not-found',
])
const MAY_PASS = { kind: 'transient', code: 'stuck' } as const

/** The one place where a stored cursor becomes ours again. */
const placeOf = ({ cursor }: PageRequest, { names, scope }: Aim): SearchPosition =>
  cursor === null ? opening(names, [], scope) : (cursor as SearchPosition)
