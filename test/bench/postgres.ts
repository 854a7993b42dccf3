/**
 * `npm run bench -- postgres`: a server of its own against a file, and against bare loops that write the same rows; workers that
 * share a run; claims from a queue of a million waiting and a million deferred walks; the planning of 100,000 profiles; what comments
 * take, and ways of writing them. What is
 * compared is measured in one go, in turns. `--json` prints one object; `--accounts`, `--walks`, `--profiles` and `--rounds` say other sizes, `--only pages,claims`
 * leaves the rest out.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { migrate } from '../../src/store/admin/migrate.ts'
import type { Database } from '../../src/store/database/database.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { tempFolder } from '../support/cli.ts'
import { rowsAt } from '../support/postgres.ts'
import { startServer } from '../support/postgres-server.ts'
import { measureChurn, measureClaims, type Took } from './postgres-claims.ts'
import { fillQueue, type QueueShape } from './postgres-queue.ts'
import { measurePages, measurePlanning, measureWorkers, type Pages, type Shared } from './postgres-runs.ts'
import { measureSize, measureWriting } from './postgres-writing.ts'
import { startSandboxProcess } from './processes.ts'

const PARTS = ['pages', 'workers', 'planning', 'size', 'claims'] as const

/** As a server of its own is set up: what is committed is on the disk. */
const SETTINGS = ['shared_buffers=1GB', 'max_wal_size=4GB', 'max_connections=200']

export const benchPostgres = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: PARTS.join() },
      rounds: { type: 'string', default: '3' },
      walks: { type: 'string', default: '1000000' },
      profiles: { type: 'string', default: '100000' },
      accounts: { type: 'string', default: '60' },
    },
  })
  const print = (line: string): void => void (values.json || process.stdout.write(`${line}\n`))
  const parts = new Set(values.only.split(','))
  await using server = await startServer('process', null, SETTINGS)
  const database = async (): Promise<string> => {
    const name = `bench_${randomUUID().replaceAll('-', '')}`
    await rowsAt(server.url, `create database ${name}`)
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }
  const results: Record<string, unknown> = {}

  if (parts.has('pages')) {
    await using sandbox = await startSandboxProcess('medium')
    const rounds: Pages[] = []
    for (let round = 1; round <= Number(values.rounds); round++) {
      const measured = await measurePages(sandbox, Number(values.accounts), database)
      rounds.push(measured)
      const { server: own, file, unnest, copy, bareFile } = measured.rates
      print(
        `round ${round}: ${measured.pages} pages · pages/s: server ${own.toFixed(0)} · file ${file.toFixed(0)} · bare unnest ${unnest.toFixed(0)} · bare COPY ${copy.toFixed(0)} · bare file ${bareFile.toFixed(0)} · server/bare ${toBare(measured).toFixed(2)} · server/file ${(own / file).toFixed(2)}`,
      )
    }
    const ratio = median(rounds.map(toBare))
    const toFile = median(rounds.map(({ rates }) => rates.server / rates.file))
    print(
      `pages a second, median: ${ratio.toFixed(2)} of the better bare loop (wanted: 0.5), ${toFile.toFixed(2)} of a file`,
    )
    results.pages = { rounds, toBare: ratio, toFile }
  }

  if (parts.has('workers')) {
    const shared: Shared[] = []
    for (const workers of [1, 2, 4]) {
      // One for each, since a day's quota is for one of them.
      await using sandbox = await startSandboxProcess('medium')
      const slow = JSON.stringify([{ name: 'slow', network: 'youtube', value: 50 }])
      await fetch(`${sandbox.origin}/sandbox/switches`, { method: 'POST', body: slow })
      const measured = await measureWorkers(sandbox, workers, Number(values.accounts) / 2, database)
      shared.push(measured)
      const linear = measured.rate / workers / (shared[0]?.rate ?? 0)
      print(
        `${workers} workers, calls of 50 ms: ${measured.pages} pages · ${measured.rate.toFixed(0)} pages/s · ${linear.toFixed(2)} of linear · processors ${percent(measured.busy)} busy · at most ${measured.peak} MB a worker`,
      )
    }
    results.workers = shared
  }

  if (parts.has('planning')) {
    const profiles = Number(values.profiles)
    const onServer = await measurePlanning(profiles, await database(), false)
    const inFile = await measurePlanning(profiles, '', true)
    for (const [where, { seconds, peak }] of [
      ['server', onServer],
      ['file', inFile],
    ] as const)
      print(`${profiles} profiles planned, ${where}: ${seconds.toFixed(1)} s · at most ${peak} MB`)
    results.planning = { server: onServer, file: inFile }
  }

  if (parts.has('size')) {
    await using sandbox = await startSandboxProcess('medium')
    const url = await database()
    const size = await measureSize(sandbox, url)
    const { own, raw, rest } = size.perComment
    print(
      `${size.comments} comments: ${own.toFixed(0)} bytes each · raw zone ${raw.toFixed(0)} · all else ${rest.toFixed(0)}`,
    )
    const writing = await measureWriting(url, 500)
    for (const [way, rate] of Object.entries(writing)) print(`comments a second, ${way}: ${rate.toFixed(0)}`)
    results.size = { ...size, writing }
  }

  if (parts.has('claims')) {
    using folder = tempFolder()
    const shape = shapeOf(Number(values.walks))
    const where = { server: await database(), file: folder.file('queue.db') }
    const claims: Record<string, Readonly<Record<string, Took>>> = {}
    for (const [name, path] of Object.entries(where)) {
      const opened: Database = name === 'server' ? await PostgresDatabase.open(path) : SqliteFile.open(path)
      await migrate(opened)
      await fillQueue(opened, shape, randomUUID())
      await opened.close()
      claims[name] = await measureClaims(path, shape, { claims: 500, count: 16 })
      for (const [what, { median, p95, most }] of Object.entries(claims[name]))
        print(
          `${values.walks} walks wait and as many are deferred, ${name}, ${what}: median ${median.toFixed(2)} ms · p95 ${p95.toFixed(2)} · most ${most.toFixed(2)}`,
        )
    }
    const churned = await measureChurn(where.server, Math.min(100_000, Number(values.walks) / 2))
    const { claimed, claim } = churned
    print(
      `server, claim after ${claimed} in a row: median ${claim.median.toFixed(2)} ms · p95 ${claim.p95.toFixed(2)}`,
    )
    for (const { name, live, dead, updated, hot } of churned.tables)
      print(`  ${name}: ${live} rows · ${dead} dead · ${updated} updates, ${hot} of them HOT`)
    results.claims = { ...claims, churned }
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ schema: 1, ...results })}\n`)
}

const shapeOf = (walks: number): QueueShape => ({
  runs: 1,
  jobs: 1000,
  waiting: walks,
  deferred: walks,
  credentials: 0,
  ranks: 1,
})

const toBare = ({ rates }: Pages): number => rates.server / Math.max(rates.unnest, rates.copy)

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const percent = (part: number | null): string => (part === null ? '?' : `${(part * 100).toFixed(0)} %`)
