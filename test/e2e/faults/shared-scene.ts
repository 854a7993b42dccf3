import { expect } from 'vitest'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox/world/specials.ts'
import { type Running, socsync, start, tempFolder } from '../../support/cli.ts'
import { rowsAt } from '../../support/postgres.ts'
import { type Server, startServer } from '../../support/postgres-server.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { query, type Row } from '../../support/tables.ts'

/** A channel with a thousand videos and their comments: a run of it takes about twenty pages a video. */
const { big } = YOUTUBE_SPECIALS.channels
const PAGES_A_VIDEO = 20
/** More than any run here needs, unless a test says how few there are. */
const UNITS = 1_000_000

/** Workers of one database, on a server of their own that may be ended, and a sandbox that counts their calls. */
export interface SharedScene extends AsyncDisposable {
  readonly server: Server
  readonly sandbox: TestSandbox
  /** A `socsync worker`, by another way to the server where one is given. */
  worker(url?: string): Running
  /** All that were started, those included that have ended. */
  readonly workers: readonly Running[]
  /** Orders the run. */
  order(): Promise<void>
  /** Any command on the database. */
  socsync: (args: readonly string[], url?: string) => ReturnType<typeof socsync>
  rows(sql: string): Promise<Row[]>
  /** The number that a query brings; null while the server is away, or has no tables yet. */
  ask(sql: string): Promise<number | null>
  /** Pages that are stored. */
  pages(): Promise<number>
  /** Calls that the sandbox has seen. */
  calls(): number
  /** Tells the workers to stop and waits for their end; how each of them ended. */
  stop(): Promise<readonly { readonly code: number | null; readonly signal: NodeJS.Signals | null }[]>
}

export interface SceneOptions {
  /** About so many pages the run has. */
  readonly pages: number
  /** Units that may be spent in a day. */
  readonly units?: number
}

/** It gives whatever it is asked for: how much that was is counted here. */
const sandboxFor = async (): Promise<TestSandbox> => {
  const sandbox = await startSandbox()
  sandbox.setSwitch('default-allowance', { network: 'youtube', value: UNITS })
  sandbox.setSwitch('short-pages', { network: 'youtube', value: 2, match: 'commentThreads' })
  sandbox.setSwitch('short-pages', { network: 'youtube', value: 4, match: '/comments' })
  return sandbox
}

const environmentOf = (sandbox: TestSandbox, { units = UNITS }: SceneOptions) => ({
  ...sandbox.env,
  SOCSYNC_YOUTUBE_DAILY_UNITS: String(units),
})

const runOf = ({ pages }: SceneOptions): readonly string[] => [
  ...['run', '--network', 'youtube', '--scope', 'all'],
  ...['--limit-posts', String(Math.ceil(pages / PAGES_A_VIDEO)), big],
]

export const openSharedScene = async (options: SceneOptions): Promise<SharedScene> => {
  const sandbox = await sandboxFor()
  const server = await startServer()
  const env = environmentOf(sandbox, options)
  const workers: Running[] = []
  const ask = async (sql: string): Promise<number | null> => {
    try {
      return Number((await rowsAt(server.url, sql))[0]?.n)
    } catch {
      return null
    }
  }
  const on: SharedScene['socsync'] = (args, url = server.url) => socsync([...args, '--db', url], { env })
  return {
    server,
    sandbox,
    workers,
    worker: (url = server.url) => {
      const running = start(['worker', '--db', url], { env })
      workers.push(running)
      return running
    },
    order: async () => {
      const [command = '', ...args] = runOf(options)
      const { code, stderr } = await on([command, '--queue', ...args])
      if (code !== 0) throw new Error(stderr)
    },
    socsync: on,
    rows: sql => rowsAt(server.url, sql),
    ask,
    pages: async () => (await ask('select count(*) as n from raw_pages')) ?? 0,
    calls: () => sandbox.log.counts().youtube?.calls ?? 0,
    stop: () => {
      for (const { kill } of workers) kill('SIGTERM')
      return Promise.all(workers.map(({ ended }) => ended))
    },
    [Symbol.asyncDispose]: async () => {
      for (const { kill, ended } of workers) {
        kill('SIGKILL')
        await ended
      }
      await server[Symbol.asyncDispose]()
      await sandbox[Symbol.asyncDispose]()
    },
  }
}

/** Waits for something, looking again and again. It has long: the machine may be busy. */
export const until = async (holds: () => Promise<boolean> | boolean, ms = 240_000): Promise<void> => {
  const giveUpAt = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error('it does not come to that')
    await new Promise(resume => setTimeout(resume, 20))
  }
}

/** Columns that tell when, by whom and in which order something was read, by table; all others must be equal. */
const OBSERVED = /^(run_id|job_id|walk_id|fetched_at|first_seen_at|.*_synced_at|observed_at|seen_at)$/
const COMPARED: Readonly<Record<string, RegExp>> = {
  sync_jobs: /^(id|previous_job_id|reading_id|started_at|finished_at|created_at|trace_id|cursor)$/,
  sync_tasks: /^(id|attempts|head_at)$/,
  entities: /^(lock.*|watermarks)$/,
  entity_aliases: /^$/,
  profiles: /^$/,
  posts: /^$/,
  media: /^$/,
  comments: /^$/,
  likes: /^$/,
  metrics: /^$/,
  revisions: /^$/,
  rejects: /^$/,
  raw_pages: /^(id|seq)$/,
}

/** What a database holds, by table: each row as a text, in an order that is theirs alone. */
type Content = Readonly<Record<string, readonly string[]>>

const contentOf = async (read: (sql: string) => Row[] | Promise<Row[]>): Promise<Content> => {
  const found: Record<string, string[]> = {}
  for (const [table, leftOut] of Object.entries(COMPARED)) {
    const rows = await read(`select * from ${table}`)
    found[table] = rows
      .map(row =>
        JSON.stringify(
          Object.entries(row)
            .filter(([column]) => !OBSERVED.test(column) && !leftOut.test(column))
            .map(([column, value]) => [column, column === 'step' ? withoutTasks(value) : value])
            .sort(),
        ),
      )
      .sort()
  }
  return found
}

/** A step names its tasks by their ids. */
const withoutTasks = (step: unknown): unknown =>
  typeof step === 'string' ? step.replace(/"tasks":\[[\d,]*\]/, '') : step

/** What one process brings in a file, when nothing goes wrong. */
export interface Undisturbed {
  readonly content: Content
  readonly calls: number
}

export const undisturbedOf = async (options: SceneOptions): Promise<Undisturbed> => {
  await using sandbox = await sandboxFor()
  using folder = tempFolder()
  const file = folder.file('alone.db')
  const { code, stderr } = await socsync([...runOf(options), '--db', file, '--quiet'], {
    env: environmentOf(sandbox, options),
  })
  if (code !== 0) throw new Error(`the undisturbed run ended with ${code}: ${stderr}`)
  return {
    content: await contentOf(sql => query(file, sql)),
    calls: sandbox.log.counts().youtube?.calls ?? 0,
  }
}

/** Characters of a row. */
const SHOWN = 300

/** Rows of a scene that an undisturbed run has not, and the other way round; the first of them, by table. */
export const differencesOf = async (
  scene: SharedScene,
  { content }: Undisturbed,
): Promise<readonly string[]> => {
  const stored = await contentOf(scene.rows)
  return Object.entries(content).flatMap(([table, rows]) => {
    const counts = new Map<string, number>()
    for (const row of rows) counts.set(row, (counts.get(row) ?? 0) - 1)
    for (const row of stored[table] ?? []) counts.set(row, (counts.get(row) ?? 0) + 1)
    return [...counts]
      .filter(([, count]) => count !== 0)
      .map(([row, count]) => `${table}: ${count > 0 ? `${count} too many` : 'lost'}: ${row.slice(0, SHOWN)}`)
      .slice(0, 5)
  })
}

/**
 * What must hold when a run is over, whatever happened to it: all is there once and as one process would have it, every call
 * was charged before it was sent, and none was made but the undisturbed run's and those `again`, at most.
 */
export const expectWhole = async (
  scene: SharedScene,
  undisturbed: Undisturbed,
  again: number,
): Promise<void> => {
  expect(await differencesOf(scene, undisturbed)).toEqual([])
  for (const [what, sql] of Object.entries(MUST_BE_EMPTY)) expect(await scene.rows(sql), what).toEqual([])
  const calls = scene.calls()
  expect(calls).toBeLessThanOrEqual(undisturbed.calls + again)
  const charged = 'select sum(used) as n from quota'
  expect(await scene.ask(charged), 'charged').toBeGreaterThanOrEqual(calls)
  expect(await scene.ask('select sum(calls) as n from run_costs'), 'costs').toBeGreaterThanOrEqual(calls)
}

const MUST_BE_EMPTY: Readonly<Record<string, string>> = {
  'pages stored twice': 'select walk_id, seq from raw_pages where part = 0 group by 1, 2 having count(*) > 1',
  'runs without an end': 'select id from sync_runs where finished_at is null',
  'orders that wait': "select run_id from run_orders where state <> 'ended'",
  'jobs under way': "select id from sync_jobs where status in ('pending', 'running')",
  'tasks under way': "select id from sync_tasks where status in ('pending', 'running')",
  'walks under way': "select id from sync_walks where state = 'running' or worker is not null",
  'profiles held': 'select entity_id from entities where lock_worker is not null or lock_job_id is not null',
  'workers left': 'select id from workers',
}

/** Whether the run has ended. */
export const isOver = async (scene: SharedScene): Promise<boolean> =>
  (await scene.ask(
    `select count(*) as n from run_orders join sync_runs on id = run_id where state <> 'ended' or finished_at is null`,
  )) === 0
