// @module-tag long
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openReading } from '../../../src/store/connect.ts'
import { noPgbouncer, startPgbouncer } from '../../support/pgbouncer.ts'
import { rowsAt } from '../../support/postgres.ts'
import {
  expectWhole,
  isOver,
  openSharedScene,
  type SharedScene,
  undisturbedOf,
  until,
} from './shared-scene.ts'

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

/** A reader's statements are refused where they write, and the pool's connections are no others than before. */
const expectReadOnly = async (url: string, scene: SharedScene): Promise<void> => {
  const reader = await openReading(url)
  const write = () => sql`create table stray (id bigint)`.execute(reader.db)
  for (let count = 0; count < 4; count++) await expect(write()).rejects.toThrow(/cannot be written/)
  await expect(reader.moment(write)).rejects.toThrow(/cannot be written/)
  const reads = Array.from({ length: 40 }, () => reader.db.selectFrom('sync_runs').select('id').execute())
  expect(await Promise.all(reads)).toEqual(new Array(40).fill([{ id: 1 }]))
  await reader.close()
  // Both of its connections to the server are asked at once.
  const others = [rowsAt(url, WRITES), rowsAt(url, WRITES)]
  expect((await Promise.all(others)).flat().map(({ mode }) => mode)).toEqual(['off', 'off'])
  expect(await scene.ask("select count(*) as n from pg_class where relname = 'stray'")).toBe(0)
}

const WRITES = "select current_setting('default_transaction_read_only') as mode, pg_sleep(0.5)::text as slept"

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
    await expectReadOnly(pool.url, scene)
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
