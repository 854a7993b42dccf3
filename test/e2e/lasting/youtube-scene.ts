import type { SocialRecord } from '../../../src/core/records.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { columnsOf, query, type Row } from '../../support/tables.ts'

export const DAY_MS = 86_400_000

type Env = Readonly<Record<string, string>>

/** A call that the sandbox was asked, with its page token. */
interface Asked {
  readonly status: number
  readonly token: string | null
  readonly fields: Readonly<Record<string, string>>
}

/** YouTube's world and a file, night after night, through the real binary. */
export interface Scene extends AsyncDisposable {
  readonly sandbox: TestSandbox
  readonly db: string
  call(args: readonly string[], env?: Env): Promise<Ended>
  run(scope: string, ids: readonly string[], env?: Env): Promise<Ended>
  truth(id: string): readonly SocialRecord[]
  rows(sql: string): Row[]
  /** What was asked of a method, or at all, since the log was cleared. */
  asked(method?: string): readonly Asked[]
  /** The newest task of a stream: what fails of it, before what does not. */
  task(stream: string, externalId: string): Row | undefined
  newestJob(): Row | undefined
  /** Where profile, posts and media are not the world's of this moment; those that are called missing left out. */
  amiss(id: string): readonly string[]
}

export const openScene = async (moving: boolean): Promise<Scene> => {
  const sandbox = await startSandbox({ seed: 3, moving })
  const folder = tempFolder()
  const db = folder.file('lasting.db')
  const rows = (sql: string): Row[] => query(db, sql)
  const truth = (id: string) => sandbox.truth('youtube', id)
  const call = (args: readonly string[], env: Env = {}) =>
    socsync([...args, '--db', db], { env: { ...sandbox.env, ...env } })
  return {
    sandbox,
    db,
    call,
    run: (scope, ids, env) => call(['run', '--network', 'youtube', '--scope', scope, ...ids], env),
    truth,
    rows,
    asked: method =>
      sandbox.log.calls
        .filter(({ path }) => method === undefined || path.endsWith(`/${method}`))
        .map(({ status, fields }) => ({ status, token: fields.pageToken ?? null, fields })),
    task: (stream, externalId) =>
      rows(
        `select status, reason, failing_since, failed_runs, last_error from sync_tasks
         where stream = '${stream}' and external_id = '${externalId}' 
         order by job_id desc, failing_since is null, id desc limit 1`,
      )[0],
    newestJob: () =>
      rows('select status, reason, error_type, error_message from sync_jobs order by id desc limit 1')[0],
    amiss: id => differencesOf(id, truth(id), rows),
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const differencesOf = (
  profileId: string,
  records: readonly SocialRecord[],
  rows: Scene['rows'],
): readonly string[] => {
  const stored = new Map<string, Row>()
  for (const row of rows('select * from profiles')) stored.set(`profile ${row.id}`, row)
  for (const row of rows('select * from posts')) stored.set(`post ${row.id}`, row)
  for (const row of rows('select * from media')) stored.set(`media ${row.id}`, row)
  const wrong = records.flatMap(record => {
    if (record.type === 'comment' || !('id' in record)) return []
    const key = `${record.type} ${record.id}`
    const row = stored.get(key)
    stored.delete(key)
    if (row === undefined) return [`${key} is missing`]
    return Object.entries(columnsOf(record))
      .filter(([name, value]) => row[name] !== value)
      .map(([name, value]) => `${key} ${name}: ${row[name]} for ${value}`)
  })
  const left = [...stored].flatMap(([key, row]) =>
    row.missing_since === null && row.profile_id === profileId ? [`${key} is not there`] : [],
  )
  return [...wrong, ...left].slice(0, 10)
}
