import { writeFileSync } from 'node:fs'
import { type Ended, type SpawnOptions, socsync, tempFolder } from './cli.ts'
import { copyDatabase } from './on-server.ts'
import { startSandbox, type TestSandbox } from './sandbox.ts'
import { openWrite, query, type Row } from './tables.ts'

/** One sandbox, one file with posts in it, and a config that names its services. */
export interface TransformScene extends AsyncDisposable {
  readonly sandbox: TestSandbox
  readonly db: string
  readonly folder: string
  /** Writes the config file: each service's own keys over those of `posts.caption` at the sandbox. */
  configure(transforms: Readonly<Record<string, object>>): void
  /** `socsync …` on the file with the config; gives what it said as JSON where it was asked for. */
  call(args: readonly string[], options?: SpawnOptions): Promise<Ended>
  args(args: readonly string[]): string[]
  /** Rows of `transforms`, by a condition. */
  rows(where?: string): Row[]
  count(where?: string): number
  /** Writes to the file behind socsync's back. */
  change(sql: string): void
}

let filled: Promise<string> | null = null

/** The file as a run over five posts leaves it: made once for all scenes of a file of tests, which have copies of it. */
const fillFile = async (): Promise<string> => {
  const db = tempFolder().file('socsync.db')
  await using sandbox = await startSandbox()
  const run = ['run', '--scope', 'posts', '--limit-posts', '5', '--quiet', 'instagram:albums.only']
  const ended = await socsync([...run, '--db', db], { env: sandbox.env })
  if (ended.code !== 0) throw new Error(JSON.stringify(ended))
  return db
}

/** At first five posts, each with a caption. */
export const openTransformScene = async (): Promise<TransformScene> => {
  const folder = tempFolder()
  const sandbox = await startSandbox()
  const db = folder.file('socsync.db')
  filled ??= fillFile()
  copyDatabase(await filled, db)
  const config = folder.file('config.json')
  writeFileSync(config, '{}')
  const args = (given: readonly string[]): string[] => [...given, '--db', db, '--config', config]
  const call = (given: readonly string[], options: SpawnOptions = {}): Promise<Ended> =>
    socsync(args(given), { ...options, env: { ...sandbox.env, ...options.env } })
  const change = (sql: string): void => {
    const file = openWrite(db)
    file.exec(sql)
    file.close()
  }
  change(`update posts set caption = 'the caption of ' || id where coalesce(caption, '') = ''`)
  return {
    sandbox,
    db,
    folder: folder.path,
    configure: transforms => {
      const whole = Object.entries(transforms).map(([name, keys]) => [
        name,
        { url: sandbox.transformUrl(name), elements: ['posts.caption'], ...keys },
      ])
      writeFileSync(config, JSON.stringify({ transforms: Object.fromEntries(whole) }))
    },
    call,
    args,
    rows: (where = 'true') => query(db, `select * from transforms where ${where} order by id`),
    count: (where = 'true') => Number(query(db, `select count(*) as n from transforms where ${where}`)[0]?.n),
    change,
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** So many comments on the first post, each with a text of its own. */
export const commentsOf = (count: number): string => `
  insert into comments (network, id, post_id, content, created_at, first_seen_at, fetched_at, job_id, walk_id)
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
  select posts.network, 'c' || i, posts.id, 'comment number ' || i, posts.created_at, posts.fetched_at,
    posts.fetched_at, posts.job_id, posts.walk_id
  from n cross join (select * from posts order by id limit 1) as posts`
