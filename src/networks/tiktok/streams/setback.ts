import type { Page, PageRequest } from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import type { Refusal, Sense } from '../errors.ts'
import { halve, MOST_STRIKES, restart, type SearchPosition, stepOver, without } from './walk.ts'

/** What a walk does about a search that was refused for good (docs/networks/tiktok.md §6). */
type Way = 'restart' | 'step-over' | 'fewer-names' | 'fault'

const WAYS: Readonly<Record<Sense, Way>> = {
  'search-id': 'restart',
  place: 'step-over',
  outage: 'step-over',
  'no-user': 'fewer-names',
  'no-video': 'fault',
  refused: 'fewer-names',
  private: 'fewer-names',
  request: 'fewer-names',
  permission: 'fault',
  token: 'fault',
  'too-fast': 'fault',
  quota: 'fault',
  foreign: 'fault',
  barred: 'fault',
}

/** Why a name is no longer asked for; a `request` refused blames the whole list. */
const BLAMES: Readonly<Partial<Record<Sense, Reason>>> = {
  'no-user': 'not-found',
  refused: 'refused',
  private: 'private',
}

/** Whether the walk has an answer to this refusal, or the engine must hear of it. */
export const isAnswerable = ({ sense }: Refusal, { names, strikes }: SearchPosition): boolean => {
  const way = WAYS[sense]
  if (way === 'fewer-names') return BLAMES[sense] !== undefined || names.length > 1
  return way !== 'fault' && strikes < MOST_STRIKES
}

/** What a page leads to: what it says, where the walk goes on (null = nowhere), and whether a window was left out. */
export interface Step {
  readonly next: SearchPosition | null
  readonly gap: boolean
  readonly says: Partial<Page>
}

/** Where the walk goes on after a refusal that {@link isAnswerable}. */
export const afterRefusal = (refusal: Refusal, place: SearchPosition, request: PageRequest): Step => {
  const way = WAYS[refusal.sense]
  if (way === 'restart' && !place.again) return { next: restart(place), gap: false, says: {} }
  if (way !== 'fewer-names') return afterBreak(`${refusal.code}: ${refusal.message}`, place, request)

  const { names } = place
  const reason = BLAMES[refusal.sense]
  const blamed = names.length === 1 ? names[0] : names.find(name => name === nameIn(refusal.message))
  if (reason === undefined || blamed === undefined) {
    return { next: halve(place), gap: false, says: {} }
  }
  return {
    next: without(place, blamed),
    gap: false,
    says: { missing: [{ subject: 'profile', id: blamed, reason }] },
  }
}

/** On from a window whose search does not work; what is left out is kept aside with the reason. */
export const afterBreak = (why: string, place: SearchPosition, request: PageRequest): Step => {
  const { next, gap } = stepOver(place, request)
  if (gap === null) return { next, gap: false, says: {} }
  const reason = `TikTok does not give the videos of ${gap.start} to ${gap.end} (${why})`
  const value = { ...gap, names: place.names }
  return { next, gap: true, says: { rejects: [{ path: '$.data.videos', reason, value, item: false }] } }
}

/** ``` `username: ada` is invalid: cannot find the user ``` */
const nameIn = (message: string): string | undefined =>
  /username: ([^`]+)`/.exec(message)?.[1]?.trim().toLowerCase()
