import type { Json, JsonObject } from '../../../core/json.ts'
import type { FetchContext, Page, PageRequest, RawPage, RawPart } from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import { faultOf, type Refusal, readRefusal } from '../errors.ts'
import { firstPart } from '../part.ts'
import type { SearchQuery } from '../wire.ts'
import type { Period } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import type { LaterPages } from './later-pages.ts'
import { isStuck, otherSearchOf, readSearch, type Step, searchOf, type Takes } from './search.ts'
import {
  afterRefusal,
  blameOf,
  isAnswerable,
  isDoubtful,
  nextTrial,
  readTrial,
  type Setback,
  type Trial,
} from './setback.ts'
import { opening, type Scope, type SearchPosition, stepOut, windowOf } from './walk.ts'

/** What a walk over searches goes through, and by which question. */
export interface Aim {
  readonly scope: Scope
  /** The names whose windows are walked through together. */
  readonly names: readonly string[]
  queryOf(names: readonly string[]): SearchQuery
  /** Of refusals that the walk could answer, those that the engine is to hear of all the same; left out = none. */
  isFinal?(refusal: Refusal): boolean
}

/** Asks for the page of a walk, and, where it is refused, what more tells what the refusal is about. */
export const openSeek =
  (api: Api, gaps: KnownGaps, laterPages: LaterPages) =>
  async (request: PageRequest, aim: Aim, ctx: FetchContext): Promise<RawPage> => {
    const { scope } = aim
    const known = request.cursor === null ? gaps.list() : []
    const place = placeOf(request, aim, known)
    const accepts = (refusal: Refusal): boolean =>
      isAnswerable(refusal, place) && aim.isFinal?.(refusal) !== true
    const part = await api.ask(
      { ...searchOf(aim.queryOf(place.names), place, scope), ...patienceFor(place, laterPages), accepts },
      ctx,
    )
    const refusal = readRefusal(part)
    const others =
      refusal !== null && isDoubtful(refusal, place)
        ? await tryOthers(api, { refusal, part, place, aim, accepts }, ctx)
        : []
    const setback =
      refusal !== null
        ? afterRefusal(refusal, place, scope, others.map(readTrial))
        : isStuck(part, place)
          ? stepOut(place, scope)
          : null
    gaps.note(setback?.refused ?? [])
    if (place.index > 0) {
      if (setback === null) laterPages.came()
      else if ((setback.next?.pieces.length ?? 0) > 0) laterPages.lack()
    }
    return { parts: [notePassed(part, known), ...others] }
  }

/** Where a page was asked for, what it says, and where the walk goes on. */
export interface Sought extends Step, Setback {
  readonly asked: SearchPosition
  /** Whether nothing of the walk is left to tasks of its own. */
  readonly isWhole: boolean
}

export const readSought = (
  raw: RawPage,
  request: PageRequest,
  aim: Aim,
  takesAt: (names: readonly string[]) => Takes,
): Sought => {
  const { scope } = aim
  const part = firstPart(raw)
  const asked = placeOf(request, aim, readPassed(part))
  const refusal = readRefusal(part)
  const step =
    refusal === null
      ? { ...readSearch(part, asked, scope, request, takesAt(asked.names)), missing: null }
      : {
          ...afterRefusal(refusal, asked, scope, raw.parts.slice(1).map(readTrial)),
          place: asked,
          says: NOTHING,
        }
  return { ...step, asked, isWhole: !asked.left && step.leaves.length === 0 }
}

const NOTHING: Pick<Page, 'records' | 'children' | 'rejects'> = { records: [], children: [], rejects: [] }

/** The one place where a stored cursor becomes ours again. */
const placeOf = (request: PageRequest, { names, scope }: Aim, known: readonly Period[]): SearchPosition =>
  request.cursor === null ? opening(names, known, scope) : (request.cursor as SearchPosition)

/** A window that was found sick is taken apart quickly; where nothing of the one before was given, little is hoped for. */
const patienceFor = (
  { pieces, index, strikes }: SearchPosition,
  laterPages: LaterPages,
): { readonly tries?: number; readonly spare?: readonly [] } => {
  if (pieces.length > 0) return { tries: 1, spare: [] }
  if (index > 0 && laterPages.areLacking()) return { tries: 1 }
  return strikes > 0 ? { tries: 2 } : {}
}

/**
 * Searches on another day, until it is found out what a refusal is about: this window, some of the names, or all that
 * is asked. Then its fault is thrown: nothing is left out for an outage.
 */
const tryOthers = async (
  api: Api,
  refused: {
    readonly refusal: Refusal
    readonly part: RawPart
    readonly place: SearchPosition
    readonly aim: Aim
    readonly accepts: (refusal: Refusal) => boolean
  },
  ctx: FetchContext,
): Promise<readonly RawPart[]> => {
  const { refusal, part, place, aim, accepts } = refused
  const parts: RawPart[] = []
  const trials: Trial[] = []
  for (;;) {
    const names = nextTrial(refusal, place, trials)
    if (names === null) break
    const question = otherSearchOf(aim.queryOf(names), windowOf(place, aim.scope))
    const other = await api.ask({ ...question, accepts }, ctx)
    parts.push(other)
    trials.push(readTrial(other))
  }
  if (blameOf(place, trials) === 'all')
    throw faultOf(refusal, searchOf(aim.queryOf(place.names), place, aim.scope), part)
  return parts
}

/** Where the raw zone keeps what a walk passed over, since its first page is read by it. */
const PASSED = 'passed_over'

const notePassed = (part: RawPart, known: readonly Period[]): RawPart =>
  known.length === 0
    ? part
    : { ...part, request: { ...part.request, [PASSED]: known.map(one => ({ ...one })) } }

const readPassed = ({ request }: RawPart): readonly Period[] => {
  const noted = request[PASSED]
  return Array.isArray(noted) ? noted.filter(isPeriod) : []
}

const isPeriod = (value: Json): value is JsonObject & Period =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value
