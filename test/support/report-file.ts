import { sql } from 'kysely'
import { openStoreFile, type StoreFile } from './store-file.ts'
import type { TestStore } from './stores.ts'
import type { Row } from './tables.ts'

export const AT = '2026-10-01T00:00:00.000Z'
export const NETWORK = 'tiny'
export const PROFILE = 'P1'
export const ENTITY = '@north'

/** What one run about one profile left, whose rows a test writes as it pleases. */
export interface Report extends Pick<StoreFile, 'write'>, AsyncDisposable {
  /** A row; what it does not name is as of a row with nothing to tell. */
  add(table: keyof typeof USUAL, row: Row): Promise<void>
  run(sql: string): Promise<void>
}

export type ReportFile = Report & StoreFile

const RUN: Row = { trigger: 'cli', scopes: '["all"]', params: '{}', trace_id: 'trace', created_at: AT }
const WRITTEN: Row = { network: NETWORK, first_seen_at: AT, fetched_at: AT, job_id: 1, walk_id: 1 }
const USUAL = {
  sync_runs: { ...RUN, finished_at: AT },
  sync_jobs: {
    network: NETWORK,
    entity_id: ENTITY,
    cursor: '{}',
    status: 'succeeded',
    run_id: 1,
    scopes: '["all"]',
    params: '{"kinds":["profile","posts","comments"],"replies":"full"}',
    bounds: '',
    trace_id: 'trace',
    created_at: AT,
  },
  sync_tasks: {
    job_id: 1,
    kind: 'posts',
    stream: 'uploads',
    external_id: PROFILE,
    status: 'succeeded',
    expected: null,
  },
  sync_walks: {
    run_id: 1,
    network: NETWORK,
    job_id: 1,
    stream: 'uploads',
    kind: 'posts',
    rank: 0,
    state: 'done',
    seq: 0,
    root_id: 1,
    restarts: 0,
    streak: '{}',
    whole: 1,
    started_at: AT,
  },
  entities: { network: NETWORK, entity_id: ENTITY, profile_id: PROFILE, watermarks: '{}', first_seen_at: AT },
  profiles: { ...WRITTEN, id: PROFILE },
  posts: { ...WRITTEN, profile_id: PROFILE },
  comments: WRITTEN,
  rejects: { walk_id: 1, seq: 1, reason: 'no text', value: '{}', job_id: 1, seen_at: AT },
  quota: { network: NETWORK, owner: 'me', pool: 'calls', window_start: AT, used: 0 },
} as const satisfies Readonly<Record<string, Row>>

interface Posts {
  readonly declared?: number | null
  readonly stored?: number
}

/** Opens one in either database: run 1 with job 1 about a profile that declares `declared` posts, of which `stored` are there. */
export const openReport = async (open: () => Promise<TestStore>, posts: Posts = {}): Promise<Report> => {
  const store = await open()
  const report = writeReport(work => store.database.write(work))
  await begin(report, posts)
  return { ...report, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

/** The same in a file. */
export const openReportFile = async (posts: Posts = {}): Promise<ReportFile> => {
  const file = await openStoreFile()
  const report = writeReport(file.write)
  await begin(report, posts)
  return { ...file, ...report }
}

const writeReport = (write: Report['write']): Omit<Report, keyof AsyncDisposable> => ({
  write,
  run: statement =>
    write(async ({ db }) => {
      await sql.raw(statement).execute(db)
    }),
  add: (table, row) =>
    write(async ({ db }) => {
      await db
        .insertInto(table as never)
        .values({ ...USUAL[table], ...row } as never)
        .execute()
    }),
})

const begin = async ({ add }: Pick<Report, 'add'>, { declared = null, stored = 0 }: Posts): Promise<void> => {
  await add('sync_runs', {})
  await add('sync_jobs', { reading_id: 1 })
  await add('entities', {})
  await add('profiles', { posts_count: declared })
  for (let n = 1; n <= stored; n++) await add('posts', { id: `V${n}` })
}
