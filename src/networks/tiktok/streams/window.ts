import { FaultError } from '../../../core/fault.ts'
import { type Child, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import { readRefusal, type Sense } from '../errors.ts'
import { firstPart } from '../part.ts'
import { type Period, nameOf as periodName, periodOf } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import { BATCH, isStuck, ofNames, readSearch, searchOf, takesOf, windowName } from './search.ts'
import { afterRefusal } from './setback.ts'
import { nameOfTask, opening, type Scope, type SearchPosition } from './walk.ts'

/** What a walk leaves of one name: `ada.bakes 2023-10-08..2023-10-10`. */
export const windowChild = (name: string, period: Period): Child => ({
  stream: 'window',
  externalId: `${name} ${periodName(period)}`,
  profileId: name,
  next: 'start',
  declared: null,
})

/**
 * A period that a walk over searches could not have, asked for by itself, of all names that lack it. It is the named
 * rest of their videos: where it stays refused, with whatever words, its task fails, and is tried again by the engine's
 * rules, a search each.
 */
export const window = (api: Api, gaps: KnownGaps): Stream => ({
  name: 'window',
  kind: 'posts',
  batch: BATCH,
  share: ({ externalId }) => periodName(periodIn(externalId)),
  newestFirst: false,

  async fetch(request, ctx) {
    const { place, scope, period } = placeOf(request)
    try {
      const part = await api.ask(
        {
          ...searchOf(ofNames(place.names), place, scope),
          accepts: ({ sense }) => ANSWERABLE.has(sense) && !isAgain(sense, place),
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
  },

  normalise(raw, request) {
    const { place, scope } = placeOf(request)
    const part = firstPart(raw)
    const refusal = readRefusal(part)
    if (refusal === null) {
      const { says, next } = readSearch(part, place, scope, request, takesOf(request.tasks, place.names))
      return page({ ...says, next, window: windowName(place, scope) })
    }
    const { next, missing } = afterRefusal(refusal, place, scope, [])
    const task = request.tasks.find(each => nameOfTask(each) === missing?.name)
    return page({
      missing:
        missing === null || task === undefined
          ? []
          : [{ subject: 'profile', id: task.externalId, reason: missing.reason }],
      next,
      window: windowName(place, scope),
    })
  },
})

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

const periodIn = (externalId: string): Period => periodOf(externalId.slice(externalId.lastIndexOf(' ') + 1))

/** The one place where a stored cursor becomes ours again. */
const placeOf = ({ tasks, cursor }: PageRequest) => {
  const period = periodIn(tasks[0]?.externalId ?? '')
  const scope: Scope = { floor: period.start, last: period.end, declared: {} }
  const place = cursor === null ? opening(tasks.map(nameOfTask), [], scope) : (cursor as SearchPosition)
  return { place, scope, period }
}
