import Database from 'better-sqlite3'
import type { SocialRecord } from '../../src/core/records.ts'

/** What differs between two runs that stored the same: when and by whom it was observed. */
const OBSERVATION = new Set([
  'first_seen_at',
  'fetched_at',
  'job_id',
  'walk_id',
  'last_synced_at',
  'comments_synced_at',
])
const ADDRESSES = new Set(['url', 'thumbnail_url', 'avatar_url'])
const KEYS = {
  profiles: ['network', 'id'],
  posts: ['network', 'id'],
  media: ['network', 'post_id', 'position'],
  comments: ['network', 'id'],
  likes: ['network', 'post_id', 'author_id'],
} as const
export const RESULT_TABLES = Object.keys(KEYS) as (keyof typeof KEYS)[]

export type Row = Record<string, unknown>

/** Opens a database file of a test for reading. */
export const openRead = (path: string): Database.Database => new Database(path, { readonly: true })

/**
 * All result rows of a file without observation times, in key order. `signed` false also leaves out addresses, which
 * some networks sign anew at each reading.
 */
export const resultRows = (path: string, { signed = false } = {}): Record<string, Row[]> => {
  const db = openRead(path)
  try {
    return Object.fromEntries(
      RESULT_TABLES.map(table => {
        const rows = db.prepare(`select * from ${table} order by ${KEYS[table].join(', ')}`).all() as Row[]
        const keep = (column: string): boolean =>
          !OBSERVATION.has(column) && (signed || !ADDRESSES.has(column))
        return [
          table,
          rows.map(row => Object.fromEntries(Object.entries(row).filter(([column]) => keep(column)))),
        ]
      }),
    )
  } finally {
    db.close()
  }
}

/** `integrity_check` and `foreign_key_check`: both must be empty of complaints. */
export const checkFile = (path: string): { integrity: unknown; foreignKeys: unknown[] } => {
  const db = openRead(path)
  try {
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      foreignKeys: db.pragma('foreign_key_check') as unknown[],
    }
  } finally {
    db.close()
  }
}

const TABLE_OF = {
  profile: 'profiles',
  post: 'posts',
  media: 'media',
  comment: 'comments',
  like: 'likes',
} as const

/** A record of the sandbox's truth as the row that it should have become: only the columns that it speaks of. */
export const expectedRow = (
  network: string,
  record: SocialRecord,
): { table: keyof typeof KEYS; key: string; row: Row } => {
  const { type, ...fields } = record
  const row: Row = { network }
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name === 'extra') continue
    const column = name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    row[column] = typeof value === 'boolean' ? Number(value) : value
  }
  if (record.type === 'like') row.id = `${record.postId}:${record.authorId}`
  const table = TABLE_OF[type]
  return { table, key: keyOf(table, row), row }
}

export const keyOf = (table: keyof typeof KEYS, row: Row): string =>
  KEYS[table].map(column => String(row[column])).join(' ')
