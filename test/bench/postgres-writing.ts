import pg from 'pg'
import { socsync } from '../support/cli.ts'
import { rowsAt } from '../support/postgres.ts'
import type { Row } from '../support/tables.ts'
import { copyIn } from './postgres-bare.ts'
import type { Process } from './processes.ts'

/** What comments take, bytes of each, indexes included. */
export interface Size {
  readonly comments: number
  /** Of `comments` itself, of the raw zone, and of all else that came with them. */
  readonly perComment: Readonly<Record<'own' | 'raw' | 'rest', number>>
}

/** Reads the comments of some profiles into an empty database. */
export const measureSize = async (sandbox: Process, url: string): Promise<Size> => {
  const answer = await fetch(`${sandbox.env.SOCSYNC_YOUTUBE_BASE_URL}/sandbox/entities/youtube`)
  const names = (await answer.text()).trim().split('\n').slice(0, 6)
  const args = [
    'run',
    '--network',
    'youtube',
    '--scope',
    'all',
    '--limit-posts',
    '60',
    '--db',
    url,
    '--quiet',
  ]
  const { code, stderr } = await socsync([...args, ...names], { env: sandbox.env })
  if (code !== 0) throw new Error(`the run ended with ${code}: ${stderr}`)
  await rowsAt(url, 'vacuum full analyze')
  const [row] = (await rowsAt(
    url,
    `select (select count(*) from comments) as comments,
      sum(pg_total_relation_size(relid)) filter (where relname = 'comments') as own,
      sum(pg_total_relation_size(relid)) filter (where relname in ('raw_bodies', 'raw_pages')) as raw,
      sum(pg_total_relation_size(relid)) filter (where relname not in ('comments', 'raw_bodies', 'raw_pages')) as rest
    from pg_stat_user_tables`,
  )) as [Row]
  const comments = Number(row.comments)
  const each = (sum: unknown): number => Number(sum) / comments
  return { comments, perComment: { own: each(row.own), raw: each(row.raw), rest: each(row.rest) } }
}

/** Ways of writing rows, a transaction for each page of 100. */
const WAYS = ['a statement each', 'unnest', 'copy'] as const
export type Rates = Readonly<Record<(typeof WAYS)[number], number>>

const PAGE = 100

/** Comments a second that one connection writes into a table like `comments`, by way of writing. `url` = a database that has some. */
export const measureWriting = async (url: string, pages: number): Promise<Rates> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Row>(`select * from comments limit ${PAGE}`)
    const columns = Object.keys(rows[0] ?? {})
    const types = await client.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns where table_name = 'comments' and table_schema = current_schema()`,
    )
    const typeOf = new Map(types.rows.map(({ name, type }) => [name, type]))
    const rates: Record<string, number> = {}
    for (const way of WAYS) {
      await client.query('create table written (like comments including all)')
      const into = `insert into written (${columns.join(', ')})`
      const one = `${into} values (${columns.map((column, at) => `$${at + 1}::${typeOf.get(column)}`).join(', ')})`
      const many = `${into} select * from unnest(${columns.map((column, at) => `$${at + 1}::${typeOf.get(column)}[]`).join(', ')})`
      const began = performance.now()
      for (let page = 0; page < pages; page++) {
        const fresh = rows.map((row, at): Row => ({ ...row, id: `${way}-${page}-${at}` }))
        await client.query('begin')
        if (way === 'copy')
          await copyIn(client, `copy written (${columns.join(', ')}) from stdin`, columns, fresh)
        else if (way === 'unnest') {
          const values = columns.map(column => fresh.map(row => row[column]))
          await client.query({ name: 'many', text: many, values })
        } else
          for (const row of fresh)
            await client.query({ name: 'one', text: one, values: columns.map(column => row[column]) })
        await client.query('commit')
      }
      rates[way] = (pages * rows.length * 1000) / (performance.now() - began)
      await client.query('deallocate all; drop table written')
    }
    return rates as Rates
  } finally {
    await client.end()
  }
}
