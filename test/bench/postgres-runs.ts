import { writeFileSync } from 'node:fs'
import { migrate } from '../../src/store/admin/migrate.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { socsync, start, tempFolder } from '../support/cli.ts'
import { rowsAt } from '../support/postgres.ts'
import { query, type Row } from '../support/tables.ts'
import { bareLoop, callsOf, storedBy } from './bare.ts'
import { bareLoopOnServer } from './postgres-bare.ts'
import { type Process, peakUntilEnd, startStandIn, watchProcessors } from './processes.ts'

/** Gives the URL of a new, empty database of the server. */
export type NewDatabase = () => Promise<string>

export interface Pages {
  readonly pages: number
  /** Pages a second: of `run` on either database, and of bare loops. */
  readonly rates: Readonly<Record<'server' | 'file' | 'unnest' | 'copy' | 'bareFile', number>>
}

/** One round: the same profiles by `run` on a server and in a file, and by bare loops that make the same calls and write the same rows. */
export const measurePages = async (
  sandbox: Process,
  profiles: number,
  database: NewDatabase,
): Promise<Pages> => {
  using folder = tempFolder()
  const { env, origin } = sandbox
  const names = await accountsOf(origin, 'instagram', profiles)
  const run = async (db: string): Promise<number> => {
    await fetch(`${origin}/sandbox/log`, { method: 'DELETE' })
    const began = performance.now()
    await ran(['run', '--network', 'instagram', '--db', db, '--quiet', ...names], env)
    const took = performance.now() - began
    return took - (await startOf(db, env))
  }
  const file = folder.file('run.db')
  const inFile = await run(file)
  const calls = await callsOf(origin)
  const stored = storedBy(file)
  const onServer = await run(await database())
  const bareFile = await bareLoop(calls, stored, folder.file('bare.db'), env)
  const bare = async (way: 'unnest' | 'copy'): Promise<number> => {
    const url = await database()
    const opened = await PostgresDatabase.open(url)
    await migrate(opened)
    await opened.close()
    return bareLoopOnServer(calls, stored, url, env, way)
  }
  const took = {
    server: onServer,
    file: inFile,
    unnest: await bare('unnest'),
    copy: await bare('copy'),
    bareFile,
  }
  const rate = (ms: number): number => (calls.length / ms) * 1000
  const rates = {
    server: rate(took.server),
    file: rate(took.file),
    unnest: rate(took.unnest),
    copy: rate(took.copy),
    bareFile: rate(took.bareFile),
  }
  return { pages: calls.length, rates }
}

/** What starting the binary on a database that is there costs, ms: not part of a page. */
const startOf = async (db: string, env: Process['env']): Promise<number> => {
  const began = performance.now()
  await socsync(['run', '--network', 'instagram', '--db', db, '--quiet', 'nobody.here'], { env })
  return performance.now() - began
}

export interface Shared {
  readonly workers: number
  readonly pages: number
  /** Pages a second, from the first to the last. */
  readonly rate: number
  /** How busy the machine's processors were, 0 to 1. */
  readonly busy: number | null
  /** The most memory that one of the workers held, MB. */
  readonly peak: number | null
}

/** Lets so many workers read an order of these profiles together. Of YouTube, whose keys any number of machines may share. */
export const measureWorkers = async (
  sandbox: Process,
  workers: number,
  profiles: number,
  database: NewDatabase,
): Promise<Shared> => {
  const url = await database()
  const { env } = sandbox
  const names = await accountsOf(env.SOCSYNC_YOUTUBE_BASE_URL, 'youtube', profiles)
  const what = ['--network', 'youtube', '--scope', 'all', '--limit-posts', '60']
  await ran(['run', '--queue', ...what, '--db', url, ...names], env)
  const running = Array.from({ length: workers }, () => start(['worker', '--db', url], { env }))
  const peaks = running.map(peakUntilEnd)
  const count = async (sql: string): Promise<number> => Number((await rowsAt(url, sql))[0]?.n)
  // From the moment on when all of them read.
  await until(async () => {
    if ((await count(ENDED)) > 0) throw new Error(`${profiles} profiles are too few for ${workers} workers`)
    return (await count(READING)) === workers
  })
  const processors = watchProcessors()
  const began = performance.now()
  const before = await count(PAGES)
  await until(async () => (await count(ENDED)) > 0)
  const seconds = (performance.now() - began) / 1000
  const busy = processors()
  const pages = (await count(PAGES)) - before
  for (const { kill } of running) kill('SIGTERM')
  const held = await Promise.all(peaks)
  const known = held.filter(peak => peak !== null)
  return { workers, pages, rate: pages / seconds, busy, peak: known.length === 0 ? null : Math.max(...known) }
}

const ENDED = 'select count(*) as n from sync_runs where finished_at is not null'
const READING = `select count(distinct worker) as n from sync_walks where state = 'running'`
const PAGES = 'select coalesce(sum(calls), 0) as n from run_costs'

export interface Planned {
  readonly profiles: number
  /** From the making of the run to that of its last job. */
  readonly seconds: number
  readonly peak: number | null
}

/** Plans a run of so many profiles; a day's quota of nothing keeps any from being read. */
export const measurePlanning = async (profiles: number, db: string, isFile: boolean): Promise<Planned> => {
  using folder = tempFolder()
  await using standIn = await startStandIn()
  const ids = folder.file('ids.txt')
  const idOf = (number: number): string => `UC${number.toString(36).padStart(21, '0')}A\n`
  writeFileSync(ids, Array.from({ length: profiles }, (_, number) => idOf(number)).join(''))
  const path = isFile ? folder.file('planned.db') : db
  const args = ['run', '--network', 'youtube', '--ids', ids, '--scope', 'posts', '--db', path, '--quiet']
  const peak = await peakUntilEnd(start(args, { env: { ...standIn.env, SOCSYNC_YOUTUBE_DAILY_UNITS: '0' } }))
  const sql = `select sync_runs.created_at as began, max(sync_jobs.created_at) as ended, count(*) as jobs
    from sync_runs join sync_jobs on sync_jobs.run_id = sync_runs.id group by sync_runs.id`
  const [row] = (isFile ? query(path, sql) : await rowsAt(path, sql)) as [Row]
  if (Number(row.jobs) !== profiles) throw new Error(`${row.jobs} jobs were planned`)
  return { profiles, seconds: (Date.parse(String(row.ended)) - Date.parse(String(row.began))) / 1000, peak }
}

const accountsOf = async (origin: string | undefined, network: string, count: number): Promise<string[]> => {
  const answer = await fetch(`${origin}/sandbox/entities/${network}`)
  return (await answer.text()).trim().split('\n').slice(0, count)
}

const ran = async (args: readonly string[], env: Process['env']): Promise<void> => {
  const { code, stderr } = await socsync(args, { env })
  if (code !== 0) throw new Error(`socsync ${args[0]} ended with ${code}: ${stderr}`)
}

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const giveUpAt = Date.now() + 300_000
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error('it does not come to that')
    await new Promise(resume => setTimeout(resume, 100))
  }
}
