import type { Json } from '../../../../core/json.ts'
import { chance, hash32 } from '../../../seeded.ts'
import type { Knobs } from '../switches.ts'
import type { Creator } from '../world/creators.ts'
import type { Moment } from '../world/moment.ts'
import { isPublic, type Video } from '../world/videos.ts'

/** What the search holds and brings, as far as switches decide it. */
export interface Traits {
  /** Share of videos that are never shown, for no visible reason (docs/networks/tiktok.md §4). */
  readonly missing: number
  /** Share of the other creators that a username search brings too. */
  readonly strangers: number
  readonly canada: boolean
  /** Creators of whom it brings nothing although it should. */
  readonly unlisted: readonly string[] | 'all'
}

/** As the switches stand now. */
export const traitsOf = (knobs: Knobs): Traits => ({
  missing: knobs.amount('random-missing', 1 / 8) ?? 0,
  strangers: knobs.amount('strangers', 1 / 8) ?? 0,
  canada: knobs.is('canada', true),
  unlisted: unlistedOf(knobs.trait('unlisted')),
})

const unlistedOf = (value: Json | undefined): Traits['unlisted'] =>
  value === true ? 'all' : Array.isArray(value) ? value.map(String) : []

/** Whether the search has a creator at all. */
export const isSearchable = (creator: Creator, { canada, unlisted }: Traits): boolean =>
  isPublic(creator) &&
  (creator.region !== 'CA' || canada) &&
  unlisted !== 'all' &&
  !unlisted.includes(creator.username)

/** Whether a video has a place in the index. A deleted one keeps it: it is counted by cursors and not shown. */
export const isIndexed = (video: Video, moment: Moment, traits: Traits): boolean =>
  video.created <= moment.indexed && !(traits.missing > 0 && chance(traits.missing, video.key, 'missing'))

/** Whether a username search for `name` brings this creator: itself, and wrongly a few others. */
export const answersTo = (creator: Creator, name: string, traits: Traits): boolean =>
  creator.username === name ||
  creator.part.mistakenFor === name ||
  (traits.strangers > 0 && hash32(creator.key, 'stranger') / 2 ** 32 < traits.strangers)
