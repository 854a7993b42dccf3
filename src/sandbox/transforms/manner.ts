import { chance, unit } from '../../networks/seeded.ts'

/** How a service treats one element; the same element of the same seed always the same. */
export type Manner = (key: readonly (string | number)[]) => Traits

export interface Traits {
  readonly latencyMs: number
  readonly failure: string | null
  readonly isLost: boolean
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Between two lengths of time, every order of magnitude as often. */
const spread = (low: number, high: number, key: readonly (string | number)[]): number =>
  Math.round(low * (high / low) ** unit(...key, 'latency'))

/**
 * By the service's name: `slow` takes from a millisecond to three days, `moody` up to an hour, fails in 1 of 20 and
 * forgets 1 of 30; any other takes seconds and does what it is asked.
 */
export const mannerOf = (name: string): Manner => MANNERS[name] ?? prompt

const prompt: Manner = key => ({ latencyMs: spread(20, 3_000, key), failure: null, isLost: false })

const MANNERS: Readonly<Record<string, Manner>> = {
  slow: key => ({ latencyMs: spread(1, 3 * DAY, key), failure: null, isLost: false }),
  moody: key => ({
    latencyMs: spread(1, HOUR, key),
    failure: chance(1 / 20, ...key, 'fails') ? 'the model does not like it' : null,
    isLost: chance(1 / 30, ...key, 'lost'),
  }),
}
