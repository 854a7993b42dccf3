import type { Instant } from '../../../core/instant.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import type { Params } from '../../../core/params.ts'
import {
  type FetchContext,
  type Page,
  type PageRequest,
  page,
  type RawPart,
  type Stream,
} from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import { faultOf, type Refusal, readRefusal } from '../errors.ts'
import { firstPart } from '../part.ts'
import type { Period } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import type { LaterPages } from './later-pages.ts'
import { BATCH, isStuck, otherSearchOf, readSearch, type Step, searchOf, windowName } from './search.ts'
import {
  afterRefusal,
  blameOf,
  isAnswerable,
  isDoubtful,
  nextTrial,
  readTrial,
  type Trial,
} from './setback.ts'
import {
  nameOfTask,
  opening,
  reachOf,
  type Scope,
  type SearchPosition,
  scopeOf,
  settle,
  stepOut,
  windowOf,
} from './walk.ts'
import { windowChild } from './window.ts'

/**
 * The videos of up to twenty creators, searched for by date windows from today back to `--since`, else to the
 * start of 2018, else until each one's declared number is found and nothing more comes; incremental walks back to
 * where the earliest of theirs begins. Searches match loosely, so every video is held against the names asked for.
 * Days that TikTok does not give are left to tasks of their own, by name and period (`window.ts`).
 *
 * Reposted videos are no part of it: they are posts of strangers, and a second walk of posts would tell the store
 * that all else of the profile is gone (`streams/user.ts` keeps their ids).
 */
export const videos = (api: Api, gaps: KnownGaps, laterPages: LaterPages): Stream => ({
  name: 'videos',
  kind: 'posts',
  batch: BATCH,
  share: ({ from }, params) => shareOf(from, params),
  // It ends by its windows: creators that share them are through at different places.
  newestFirst: false,
  lists: 'posts',

  async fetch(request, ctx) {
    const scope = scopeOf(request)
    const known = request.cursor === null ? gaps.list() : []
    const place = placeOf(request, scope, known)
    const part = await api.ask(
      {
        ...searchOf(place, scope),
        ...patienceFor(place, laterPages),
        accepts: refusal => isAnswerable(refusal, place),
      },
      ctx,
    )
    const refusal = readRefusal(part)
    const others =
      refusal !== null && isDoubtful(refusal, place)
        ? await tryOthers(api, { refusal, part, place, scope }, ctx)
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
  },

  normalise(raw, request) {
    const scope = scopeOf(request)
    const part = firstPart(raw)
    const place = placeOf(request, scope, readPassed(part))
    const refusal = readRefusal(part)
    const step =
      refusal === null
        ? { ...readSearch(part, place, scope, request), missing: null }
        : { ...afterRefusal(refusal, place, scope, raw.parts.slice(1).map(readTrial)), place, says: NOTHING }
    const { next, leaves, missing, says } = step
    const isWhole = !place.left && leaves.length === 0
    return page({
      ...says,
      children: [
        ...says.children,
        ...place.names.flatMap(name => leaves.map(period => windowChild(name, period))),
      ],
      missing: missing === null ? [] : [{ subject: 'profile', id: missing.name, reason: missing.reason }],
      unlisted: next === null && isWhole ? unlistedOf(step.place, missing?.name, request) : [],
      next,
      window: windowName(place, scope),
      reason: next === null && !isWhole ? 'unavailable' : null,
      reached: reachOf(request),
    })
  },
})

const NOTHING: Step['says'] = { records: [], children: [], rejects: [] }

/**
 * Who is searched for together. A limit counts one profile's posts, so it cannot be shared. Within a month of each
 * other one window more serves both.
 */
export const shareOf = (from: Instant | null, { limitPosts, since }: Params): string | null =>
  limitPosts === null ? `from ${from?.slice(0, 7) ?? since ?? 'the start'}` : null

/** The one place where a stored cursor becomes ours again. */
const placeOf = (request: PageRequest, scope: Scope, known: readonly Period[]): SearchPosition =>
  request.cursor === null
    ? opening(request.tasks.map(nameOfTask), known, scope)
    : (request.cursor as SearchPosition)

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
    readonly scope: Scope
  },
  ctx: FetchContext,
): Promise<readonly RawPart[]> => {
  const { refusal, part, place, scope } = refused
  const parts: RawPart[] = []
  const trials: Trial[] = []
  for (;;) {
    const names = nextTrial(refusal, place, trials)
    if (names === null) break
    const question = otherSearchOf(names, windowOf(place, scope))
    const other = await api.ask({ ...question, accepts: said => isAnswerable(said, place) }, ctx)
    parts.push(other)
    trials.push(readTrial(other))
  }
  if (blameOf(place, trials) === 'all') throw faultOf(refusal, searchOf(place, scope), part)
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

/** Names that declare videos of which none came, though all were asked for. */
const unlistedOf = (
  place: SearchPosition,
  missing: string | undefined,
  request: PageRequest,
): Page['unlisted'] => {
  const { since, until, sinceId, untilId } = request.params
  if (since !== null || until !== null || sinceId !== null || untilId !== null) return []
  const { found } = settle(place)
  return request.tasks
    .filter(task => nameOfTask(task) !== missing && task.from === null && (task.declared ?? 0) > 0)
    .filter(task => (found[nameOfTask(task)] ?? 0) === 0)
    .map(({ externalId }) => externalId)
}
