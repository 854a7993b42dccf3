import type { SandboxOptions } from '../../sandbox.ts'
import { Knobs } from './switches.ts'
import { type Moment, momentAt } from './world/moment.ts'
import { makeWorld, type World } from './world/world.ts'

/** A world, its switches, and what time it is there. */
export interface Scene {
  readonly world: World
  readonly knobs: Knobs
  readonly moment: Moment
  /** Epoch seconds by the sandbox's clock, also where the world stands still. */
  readonly now: number
  /** The world as it was at an earlier `now`. */
  momentAt(seconds: number): Moment
}

/** Gives the scene of each moment of one sandbox. */
export const stage = (options: SandboxOptions): (() => Scene) => {
  const world = makeWorld(options.seed, options.size)
  const knobs = new Knobs(options.switches)
  const at = (seconds: number): Moment =>
    momentAt(seconds, {
      moving: options.moving,
      indexDelay: knobs.number('index-delay'),
      statsDelay: knobs.number('stats-delay'),
    })
  return () => {
    const now = Math.floor(options.now() / 1_000)
    return { world, knobs, moment: at(now), now, momentAt: at }
  }
}
