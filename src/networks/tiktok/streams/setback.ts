import type { RawPart } from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import { type Refusal, readRefusal, type Sense } from '../errors.ts'
import type { SearchBody } from '../wire.ts'
import {
  halfOf,
  MOST_STRIKES,
  type Move,
  restart,
  type Scope,
  type SearchPosition,
  split,
  stepOver,
  without,
} from './walk.ts'

/** What a walk does about a search that was refused for good (docs/networks/tiktok.md §6). */
type Way = 'restart' | 'step-over' | 'doubt' | 'without-name' | 'fault'

const WAYS: Readonly<Record<Sense, Way>> = {
  'search-id': 'restart',
  place: 'step-over',
  outage: 'doubt',
  empty: 'doubt',
  request: 'doubt',
  closed: 'doubt',
  'no-user': 'without-name',
  refused: 'without-name',
  private: 'without-name',
  'no-video': 'fault',
  fields: 'fault',
  permission: 'fault',
  token: 'fault',
  'too-fast': 'fault',
  quota: 'fault',
  foreign: 'fault',
  barred: 'fault',
}

/** Why a name is no longer asked for. */
const BLAMES: Readonly<Partial<Record<Sense, Reason>>> = {
  'no-user': 'not-found',
  refused: 'refused',
  private: 'private',
}

/** Whether the walk has an answer to this refusal, or the engine must hear of it. */
export const isAnswerable = ({ sense }: Refusal, { strikes }: SearchPosition): boolean => {
  const way = WAYS[sense]
  return way === 'without-name' || (way !== 'fault' && strikes < MOST_STRIKES)
}

/** Whether the refusal may be meant for all searches, and not for this one alone: pieces are those of a window that was found sick. */
export const isDoubtful = ({ sense }: Refusal, { pieces }: SearchPosition): boolean =>
  WAYS[sense] === 'doubt' && pieces.length === 0

/** Another search, made to tell what a refusal is about. */
export interface Trial {
  readonly names: readonly string[]
  readonly answered: boolean
}

/** A trial by its answer. */
export const readTrial = (part: RawPart): Trial => {
  const refusal = readRefusal(part)
  return { names: namesIn(part), answered: refusal === null || WAYS[refusal.sense] !== 'doubt' }
}

const namesIn = ({ request: { body } }: RawPart): readonly string[] => {
  const [names] = (body as SearchBody).query.and ?? []
  return names?.field_values ?? []
}

/** What to try next before a refusal is believed; null = nothing more can be found out. */
export const nextTrial = (
  { sense }: Refusal,
  { names, found }: SearchPosition,
  trials: readonly Trial[],
): readonly string[] | null => {
  const [all] = trials
  if (all === undefined) return names
  if (all.answered || trials.some(({ answered }) => answered)) return null
  if (names.length === 1) {
    const [known] = Object.keys(found).filter(name => !names.includes(name))
    return trials.length === 1 && known !== undefined ? [known] : null
  }
  return fewer(names, sense)[trials.length - 1] ?? null
}

/** Each half of some names. A list that is too long is called a wrong question: then ever shorter ones in between. */
const fewer = (names: readonly string[], sense: Sense): readonly (readonly string[])[] => {
  if (names.length < 2) return []
  const half = halfOf(names)
  const shorter = sense === 'request' ? fewer(half, sense).filter(([first]) => first === half[0]) : []
  return [half, ...shorter, names.filter(name => !half.includes(name))]
}

/** What a refusal was found to be about. */
type Blame = 'search' | 'names' | 'name' | 'all'

export const blameOf = ({ names }: SearchPosition, trials: readonly Trial[]): Blame => {
  const [all, ...others] = trials
  if (all === undefined || all.answered) return 'search'
  if (others.some(({ answered }) => answered)) return names.length === 1 ? 'name' : 'names'
  return 'all'
}

/** A {@link Move}, and a name that goes no further with it. */
export interface Setback extends Move {
  readonly missing: { readonly name: string; readonly reason: Reason } | null
}

/** Where the walk goes on after a refusal that {@link isAnswerable} and is not meant for all. */
export const afterRefusal = (
  refusal: Refusal,
  place: SearchPosition,
  scope: Scope,
  trials: readonly Trial[],
): Setback => {
  const { names } = place
  const way = WAYS[refusal.sense]
  if (way === 'restart' && !place.again) return { ...restart(place), missing: null }
  if (way === 'without-name') {
    const blamed = names.length === 1 ? names[0] : names.find(name => name === nameIn(refusal.message))
    return blamed === undefined
      ? { ...split(place, halfOf(names)), missing: null }
      : { ...without(place, blamed), missing: { name: blamed, reason: BLAMES[refusal.sense] ?? 'refused' } }
  }
  switch (blameOf(place, trials)) {
    case 'names': {
      const healthy = trials.slice(1).find(({ answered }) => answered)
      return { ...split(place, healthy?.names ?? halfOf(names)), missing: null }
    }
    case 'name': {
      const [name = ''] = names
      return { ...without(place, name), missing: { name, reason: 'unavailable' } }
    }
    default:
      return { ...stepOver(place, scope), missing: null }
  }
}

/** ``` `username: ada` is invalid: cannot find the user ``` */
const nameIn = (message: string): string | undefined =>
  /username: ([^`]+)`/.exec(message)?.[1]?.trim().toLowerCase()
