// @module-tag long
import { expect, it } from 'vitest'
import { noPgbouncer, startPgbouncer } from '../../support/pgbouncer.ts'
import { expectWhole, isOver, openSharedScene, undisturbedOf, until } from './shared-scene.ts'

if (noPgbouncer !== null) process.stderr.write(`the tests of a pool are left out: ${noPgbouncer}\n`)

/** Commands that only read, each with what it prints as data. */
const READERS: readonly (readonly string[])[] = [
  ['status', '--json'],
  ['jobs', '--json'],
  ['export', 'comments', '--format', 'jsonl'],
  ['export', 'posts', '--format', 'csv'],
  ['diff', '--since', '2026-01-01', '--json'],
  ['plan', '--network', 'youtube', '--scope', 'all', '--json', '@ada'],
]

it.skipIf(noPgbouncer !== null)(
  'FAULTS 96: what only reads goes through pgbouncer in transaction mode, while workers write',
  async () => {
    const options = { pages: 300 }
    const undisturbed = await undisturbedOf(options)
    await using scene = await openSharedScene(options)
    await using pool = await startPgbouncer(scene.server.url)
    scene.sandbox.setSwitch('slow', { value: 200 })
    await scene.order()
    scene.worker()
    scene.worker()
    await until(async () => (await scene.pages()) > 0)
    const rounds: number[] = []
    const read = async (args: readonly string[], url?: string): Promise<string> => {
      const { code, stdout, stderr } = await scene.socsync(args, url)
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
      return stdout
    }
    do {
      // More of them at a time than the pool has connections.
      const said = await Promise.all(READERS.map(args => read(args, pool.url)))
      rounds.push((said[2] ?? '').split('\n').length)
    } while (!(await isOver(scene)))
    await scene.stop()
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
    // The clock stands still but for what was waited for meanwhile.
    const data = async (args: readonly string[], url?: string) =>
      (await read(args, url)).replaceAll(/"\w+_at": .*/g, '')
    for (const args of READERS) expect(await data(args, pool.url), args.join(' ')).toBe(await data(args))
    await expectWhole(scene, undisturbed, 16)
  },
  600_000,
)
