import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Ended, type Running, socsync, start } from '../../support/cli.ts'
import { isOnServer } from '../../support/on-server.ts'
import { openWrite, query } from '../../support/tables.ts'
import {
  CONCURRENCY,
  callsOf,
  type NetworkName,
  openScene,
  SCENERY,
  type Scene,
  undisturbedOf,
} from './scene.ts'
import { differenceOf, uncharged, unsound } from './sound.ts'
import type { Tally } from './tally.ts'

/** Something that befalls the process itself. */
export interface ProcessRow {
  /** The number in docs/faults.md §1, and what happens. */
  readonly name: string
  /** Does it, to one process after another. Gives how many of them were ended with calls in flight. */
  readonly strike: (scene: Scene) => Promise<number>
}

export const processCases = (rows: readonly ProcessRow[]) =>
  rows.flatMap(row =>
    (Object.keys(SCENERY) as NetworkName[]).map(network => ({
      name: `${network}: ${row.name}`,
      row,
      network,
    })),
  )

/** Strikes, goes on as a user would, and holds the file against that of an undisturbed run. */
export const strike = async (row: ProcessRow, network: NetworkName, tally: Tally): Promise<void> => {
  const scenery = SCENERY[network]
  const undisturbed = await undisturbedOf(scenery)
  await using scene = await openScene(scenery)
  const { sandbox, db } = scene
  const struck = await row.strike(scene)

  sandbox.switches.clear()
  const last = await goOn(scene)
  expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' })
  const difference = differenceOf(db, undisturbed)
  const wasted = callsOf(sandbox).length - undisturbed.calls
  const inFlight = struck * CONCURRENCY * scenery.callsPerPage
  tally.add(difference, wasted, inFlight)
  expect(difference).toEqual({ lost: [], duplicated: [], changed: [] })
  expect(unsound(db)).toEqual([])
  expect(wasted, 'calls in vain').toBeLessThanOrEqual(inFlight)
  expect(uncharged(db, sandbox), 'calls that were not charged').toBe(0)
  expect(sandbox.log.errors).toEqual([])
}

/** What is next after a kill: jobs are continued, and where none was made yet the run is begun again. */
export const nextOf = ({ db, args }: Scene): readonly string[] => {
  if (!existsSync(db)) return args.run
  // For writing: a journal that the kill left behind cannot be rolled back by one who only reads.
  const file = openWrite(db)
  try {
    const tables = file.prepare(`select 1 from sqlite_schema where name = 'sync_jobs'`).all()
    const isBegun = tables.length > 0 && file.prepare('select 1 from sync_jobs limit 1').all().length > 0
    return isBegun ? args.resume : args.run
  } finally {
    file.close()
  }
}

const goOn = (scene: Scene): Promise<Ended> => socsync(nextOf(scene), { env: scene.sandbox.env })

/** Ends a process by SIGKILL at a point (`src/app/config/crash-point.ts`). */
const crash = async ({ sandbox }: Scene, args: readonly string[], point: string): Promise<void> => {
  const ended = await socsync(args, { env: { ...sandbox.env, SOCSYNC_CRASH_AT: point } })
  expect({ point, ...ended }).toMatchObject({ point, signal: 'SIGKILL' })
}

const at = (name: string, ...points: readonly string[]): ProcessRow => ({
  name: `${name} (${points.join(', ')})`,
  strike: async scene => {
    let args = scene.args.run
    for (const point of points) {
      await crash(scene, args, point)
      args = nextOf(scene)
    }
    return points.length
  },
})

const KILLS: readonly ProcessRow[] = [
  at('1 SIGKILL before the first commit of a job', 'job.create:1'),
  at('1 SIGKILL between two jobs', 'job.create:3'),
  at('2 SIGKILL while the first profile is looked up', 'page.asked:1'),
  at('2 SIGKILL with calls in flight', 'page.asked:4'),
  at('2 SIGKILL after the first fetch, before its commit', 'page.fetched:1'),
  at('2 SIGKILL after a later fetch, before its commit', 'page.fetched:4'),
  at('3 SIGKILL inside the first transaction', 'page.written:1'),
  at('3 SIGKILL inside a later transaction', 'page.written:4'),
  at('4 SIGKILL after the first commit', 'page.committed:1'),
  at('4 SIGKILL after a later commit', 'page.committed:4'),
  at('7 SIGKILL three times in a row', 'page.written:2', 'page.fetched:1', 'page.committed:1'),
  at('7 SIGKILL twice in one resume', 'page.committed:2', 'job.create:1', 'page.written:1'),
]

/** Starts a run whose calls are slow, and waits until some of them are in flight. */
const startSlow = async (scene: Scene, ms: number): Promise<Running> => {
  const { sandbox, args, scenery } = scene
  sandbox.setSwitch('slow', { value: ms, match: scenery.api, after: 2 })
  const running = start(args.run, { env: sandbox.env })
  await until(() => callsOf(sandbox).length > 2)
  return running
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(3)
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const once = (signal: keyof typeof SIGNALS): ProcessRow => ({
  name: `75 ${signal}: pages in flight are finished`,
  strike: async scene => {
    const running = await startSlow(scene, 150)
    running.kill(signal)
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: SIGNALS[signal], stderr: expect.stringContaining('finishing') })
    expect(stderr, 'says how to go on').toContain('socsync resume --run 1')
    expect(unsound(scene.db)).toEqual([])
    expect(query(scene.db, 'select distinct error_type from sync_jobs where error_type is not null')).toEqual(
      [{ error_type: 'interrupted' }],
    )
    return 0
  },
})

const twice = (first: keyof typeof SIGNALS, second: keyof typeof SIGNALS): ProcessRow => ({
  name: `75 ${first}, then ${second}: ends at once, whatever hangs`,
  strike: async scene => {
    const { sandbox, args, scenery } = scene
    sandbox.setSwitch('hang', { match: scenery.api, after: 2 })
    const running = start(args.run, { env: sandbox.env })
    await until(() => callsOf(sandbox).length > 2)
    running.kill(first)
    await pause(100)
    running.kill(second)
    const { code, signal } = await running.ended
    expect({ code, signal }).toEqual({ code: SIGNALS[first], signal: null })
    expect(unsound(scene.db)).toEqual([])
    return 1
  },
})

/** The file is made, brought to its schema, and the process takes part in it: all within some milliseconds. */
const whileOpening = (name: string, ms: number): ProcessRow => ({
  name: `5 SIGKILL while the file is made, ${name}`,
  strike: async scene => {
    const { sandbox, args, folder } = scene
    const running = start(args.run, { env: sandbox.env })
    await until(() => existsSync(folder.file('socsync.db')))
    await pause(ms)
    running.kill('SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
    return 1
  },
})

const OPENINGS = [whileOpening('at once', 0), whileOpening('4 ms later', 4), whileOpening('9 ms later', 9)]

/** docs/faults.md §1.1 and §1.5: what befalls the process, on every network. */
export const PROCESS: readonly ProcessRow[] = [
  ...KILLS,
  once('SIGINT'),
  once('SIGTERM'),
  once('SIGHUP'),
  twice('SIGINT', 'SIGINT'),
  twice('SIGTERM', 'SIGINT'),
  ...(isOnServer ? [] : OPENINGS),
]
