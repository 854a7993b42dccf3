import type { Way } from '../../../src/sandbox/break.ts'
import type { Row } from '../../support/tables.ts'
import {
  callsAmiss,
  endedAmiss,
  failingIn,
  notWhole,
  type Part,
  partsAmiss,
  rowsAmiss,
  stoppedAmiss,
  unnamed,
  untold,
} from './lasting-amiss.ts'
import type { Lasting } from './lasting-faults.ts'
import { LAST_NIGHT, LIFTED, type Lifting, momentOf, type Reference } from './lasting-reference.ts'
import { openNights, type Runner } from './lasting-world.ts'

/** A run of the real binary takes a second to start: these of a fault's nights, and the one on which it is lifted. */
const BINARY_NIGHTS: readonly number[] = [0, 3]

/** Plays nights of a lasting fault to the one on which it is lifted. Gives what was wrong, by night. */
export const play = async (
  fault: Lasting,
  way: Way,
  reference: Reference,
  { how, lifting }: { readonly how: Runner; readonly lifting: Lifting },
): Promise<readonly string[]> => {
  const { world, nights, seen } = reference
  await using scene = await openNights(world, {
    ...(fault.from === 1 && { from: reference.afterFirst }),
    ...(fault.env && { env: fault.env }),
  })
  scene.sandbox.setSwitch('break', {
    network: world.network,
    value: { way, ...(way === '5xx' || way === '4xx' ? world.refusals[way] : {}) },
    ...fault.calls(seen),
  })
  const excuse = fault.sick(seen, way)
  const truths = [...nights].flatMap(([, { truth }]) => truth)
  const wrong: string[] = []
  const say = (night: number, lines: readonly string[]): void => {
    wrong.push(...lines.slice(0, 4).map(line => `night ${night}: ${line}`))
    if (lines.length > 4) wrong.push(`night ${night}: and ${lines.length - 4} more of these`)
  }
  let parts: readonly Part[] = []

  for (let night = fault.from; night <= LAST_NIGHT; night++) {
    const healthy = nights.get(night)
    if (healthy === undefined) throw new Error(`the undisturbed nights lack number ${night}`)
    const isByBinary = how === 'by the binary' && BINARY_NIGHTS.includes(night - fault.from)
    const ended = await scene.run(healthy.at, { how: isByBinary ? how : 'in process' })
    if (fault.stops) {
      say(night, stoppedAmiss(ended, scene.db, reference))
      continue
    }
    const now = failingIn(scene.db, world)
    const facts = { fault, night, healthy, ended, now, before: parts }
    const sick = (table: string, row: Row) => excuse(table, row, night)
    say(night, rowsAmiss(scene.db, truths, facts, sick))
    say(night, partsAmiss(facts))
    say(night, callsAmiss(facts))
    say(night, endedAmiss(facts, scene.db))
    say(night, await unnamed(scene.db, facts, sick, scene.status))
    parts = now
  }
  if (how === 'by the binary' && !fault.stops) say(LAST_NIGHT, untold(await scene.status(), parts))

  // What was answered without a fault, and nothing speaks against, comes with a full pass.
  const lifted = lifting === 'fresh' && parts.length === 0 && !fault.stops ? 'full' : lifting
  const night = LIFTED[lifted]
  scene.sandbox.switches.clear({ name: 'break' })
  const ended = await scene.run(momentOf(world, night), { how, lifting: lifted })
  const sick = (table: string, row: Row) => lifted === 'full' || excuse(table, row, night)
  say(night, notWhole(ended, scene.db, reference, night, sick))
  if (scene.sandbox.log.errors.length > 0) say(night, scene.sandbox.log.errors)
  return wrong
}
