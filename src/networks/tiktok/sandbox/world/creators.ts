import { between, chance, handle, hash32, pick } from '../../../seeded.ts'
import { CAST, type Part, type Standing } from './cast.ts'
import { ROOM } from './ids.ts'
import type { Schedule } from './schedule.ts'

/** The moment at which a still world stands, epoch seconds: 2026-10-01T00:00:00Z. */
export const OPENING = Date.UTC(2026, 9, 1) / 1000

/** Seconds. */
export const DAY = 86_400
const MONTH = 30.44 * DAY
const REGIONS: readonly [string, ...string[]] = ['US', 'GB', 'DE', 'FR', 'IE', 'JP', 'BR', 'EG', 'IL', 'NG']

/** An account, and all that does not change about it. */
export interface Creator {
  readonly index: number
  readonly username: string
  /** Decides all that is the creator's. */
  readonly key: number
  readonly part: Part
  readonly standing: Standing
  readonly region: string
  readonly videos: Schedule
  /** How many videos it has at the opening; the pace stays the same afterwards. */
  readonly videosAtOpening: number
}

const ROLES: readonly (readonly [string, Part])[] = Object.entries(CAST)

/** The creators of one world, made when first looked at. */
export class Creators {
  readonly count: number
  readonly #seed: number
  readonly #made: Creator[] = []

  constructor(seed: number, count: number) {
    this.#seed = seed
    this.count = count
  }

  at(index: number): Creator {
    const made = this.#made[index]
    if (made !== undefined) return made
    const [role, part] = ROLES[index] ?? []
    const creator = makeCreator(this.#seed, index, role ?? ordinaryName(this.#seed, index), part ?? {})
    this.#made[index] = creator
    return creator
  }

  /** By name, in any case. An ordinary name ends in its creator's index, so that this needs no list of names. */
  named(username: string): Creator | null {
    const name = username.toLowerCase()
    const role = ROLES.findIndex(([of]) => of === name)
    const index = role >= 0 ? role : Number(/\d+$/.exec(name)?.[0] ?? -1)
    if (index < 0 || index >= this.count) return null
    const creator = this.at(index)
    return creator.username === name ? creator : null
  }

  *all(): Generator<Creator> {
    for (let index = 0; index < this.count; index++) yield this.at(index)
  }

  /** Those that {@link CAST} names. */
  *cast(): Generator<Creator> {
    for (let index = 0; index < ROLES.length; index++) yield this.at(index)
  }
}

const ordinaryName = (seed: number, index: number): string =>
  handle(seed, 'creator', index).replace(/\d+$/, String(index))

const makeCreator = (seed: number, index: number, username: string, part: Part): Creator => {
  const key = hash32(seed, 'creator', index)
  const count = part.videos ?? between(10, 120, key, 'videos')
  const months = chance(0.1, key, 'young') ? between(3, 12, key, 'span') : between(24, 36, key, 'span')
  const first =
    part.firstVideo === undefined
      ? OPENING - Math.round(months * MONTH) - between(0, 28 * DAY, key, 'first')
      : Date.parse(part.firstVideo) / 1000
  const gap = part.pace === undefined ? (OPENING - first) / Math.max(1, count) : part.pace * 3600
  const bounded = part.videos === 0 || part.pace !== undefined
  return {
    index,
    username,
    key,
    part,
    standing: part.standing ?? 'open',
    region: part.region ?? pick(REGIONS, key, 'region'),
    videos: { key, first, gap, most: bounded ? count : ROOM.videos },
    videosAtOpening: count,
  }
}
