import { expect } from 'vitest'
import type { SwitchRule } from '../../../src/sandbox/switches.ts'
import type { TestSandbox } from '../../support/sandbox.ts'
import {
  type Ended,
  type Going,
  type NetworkName,
  openScene,
  SCENERY,
  type Scene,
  type Scenery,
  undisturbedOf,
} from './scene.ts'
import { differenceOf, uncharged, unsound } from './sound.ts'
import type { Tally } from './tally.ts'

/** What a run ends like while a fault is on. */
export interface Expected {
  readonly exit: number
  /** The `error_type` of the jobs that the fault met, one or any of several; null = it met none. */
  readonly error: string | readonly string[] | null
  /** Whether it met every job. */
  readonly all?: boolean
  /** When work goes on, milliseconds after the run began: the earliest and the latest. */
  readonly notBefore?: readonly [number, number]
  /** Calls at most beyond those of an undisturbed run, all runs together. */
  readonly wasted: number
}

/** One fault on the wire or in what an API means: the sandbox's switches do it. */
export interface FaultRow {
  /** The number in docs/faults.md §1, and what goes wrong. */
  readonly name: string
  /** All unless said. */
  readonly networks?: readonly NetworkName[]
  /** What is asked for, where the usual will not do. */
  readonly scenery?: Scenery
  readonly rules: (scenery: Scenery) => readonly SwitchRule[]
  readonly going?: Going
  /** When it happens, epoch milliseconds; the sandbox's usual moment unless said. */
  readonly now?: number
  readonly expected: (scenery: Scenery) => Expected
  /** What happens between the run and its continuation; a day passes unless said. */
  readonly meanwhile?: (sandbox: TestSandbox, scenery: Scenery) => void
}

/** A row on one network: a test. */
export interface Case {
  readonly name: string
  readonly row: FaultRow
  readonly scenery: Scenery
}

export const casesOf = (rows: readonly FaultRow[]): readonly Case[] =>
  rows.flatMap(row =>
    (row.networks ?? (Object.keys(SCENERY) as NetworkName[])).map(network => ({
      name: `${network}: ${row.name}`,
      row,
      scenery: row.scenery ?? SCENERY[network],
    })),
  )

/**
 * Plays a fault to its end: a run with it; where work was deferred a second one too early, which makes no call; then
 * the fault is gone, time has passed, and `resume --all` brings what an undisturbed run brings.
 */
export const play = async ({ row, scenery }: Case, tally: Tally): Promise<void> => {
  const undisturbed = await undisturbedOf(scenery)
  await using scene = await openScene(scenery, row.now === undefined ? {} : { now: row.now })
  const { sandbox, db } = scene
  const expected = row.expected(scenery)
  for (const rule of row.rules(scenery)) sandbox.switches.set(rule)

  const began = sandbox.clock.now()
  const first = await scene.run(row.going)
  expectEnd(first, expected, began)
  if (expected.notBefore !== undefined) await expectPatience(scene, expected, row.going)

  sandbox.switches.clear()
  if (row.meanwhile === undefined) sandbox.advance(DAY_AND_MORE)
  else row.meanwhile(sandbox, scenery)
  const last = await scene.resume()
  expect({ exit: last.exit, jobs: Object.keys(last.jobs) }).toEqual({
    exit: 0,
    jobs: expected.error === null ? [] : ['succeeded'],
  })

  const difference = differenceOf(db, undisturbed)
  const wasted = first.calls + last.calls - undisturbed.calls
  tally.add(difference, wasted, expected.wasted)
  expect(difference).toEqual({ lost: [], duplicated: [], changed: [] })
  expect(unsound(db)).toEqual([])
  expect(wasted, 'calls in vain').toBeLessThanOrEqual(expected.wasted)
  expect(uncharged(db, sandbox), 'calls that were not charged').toBe(0)
  expect(sandbox.log.errors).toEqual([])
}

const DAY_AND_MORE = 26 * 3_600_000

const expectEnd = ({ exit, jobs, outcome }: Ended, expected: Expected, began: number): void => {
  const { error, all = false, notBefore } = expected
  const met = Object.keys(jobs).filter(end => end !== 'succeeded')
  const types = [...new Set(met.map(end => end.replace(/^(failed|partial) /, '')))]
  const allowed = error === null ? [] : typeof error === 'string' ? [error] : error
  const expectedTypes = allowed.filter(type => types.includes(type) || allowed.length === 1)
  expect(`exit ${exit}: ${types.join(', ')}`).toBe(`exit ${expected.exit}: ${expectedTypes.join(', ')}`)
  expect(met.length > 0 && !('succeeded' in jobs), 'met every job').toBe(
    all || (met.length > 0 && !('succeeded' in jobs)),
  )
  if (notBefore === undefined) return
  const at = Date.parse(outcome?.notBefore ?? '') - began
  expect(at).toBeGreaterThanOrEqual(notBefore[0])
  expect(at).toBeLessThanOrEqual(notBefore[1])
}

/** A run before its time asks for nothing, and says when to come back. What had succeeded a run would ask for anew. */
const expectPatience = async (scene: Scene, { all }: Expected, going: Going | undefined): Promise<void> => {
  const hasty = { ...going, maxWaitMs: 0 }
  const early = await (all ? scene.run(hasty) : scene.resume(hasty))
  expect({ calls: early.calls, exit: early.exit }).toEqual({ calls: 0, exit: 75 })
  expect(early.outcome?.notBefore).toEqual(expect.any(String))
}
