import type Database from 'better-sqlite3'
import type { SocialRecord } from '../../src/core/records.ts'
import { openToChange, openView } from './on-server.ts'

/** What differs between two runs that stored the same: when and by whom it was observed. */
const OBSERVATION = new Set([
  'first_seen_at',
  'fetched_at',
  'job_id',
  'walk_id',
  'replies_left_by',
  'comments_job_id',
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
  collections: ['network', 'id'],
  collection_items: ['network', 'collection_id', 'post_id'],
  relations: ['network', 'id'],
} as const
export const RESULT_TABLES = Object.keys(KEYS) as (keyof typeof KEYS)[]

export type Row = Record<string, unknown>

/** Opens a database file of a test for reading. */
export const openRead = (path: string): Database.Database => openView(path)

/** Opens one for writing: what a test does to a file behind socsync's back. */
export const openWrite = (path: string): Database.Database => openToChange(path)

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

/** Where records of each type are stored. */
export const TABLE_OF = {
  profile: 'profiles',
  post: 'posts',
  media: 'media',
  comment: 'comments',
  like: 'likes',
  collection: 'collections',
  item: 'collection_items',
  relation: 'relations',
} as const

/** Fields of a record by the columns that they are stored in; what it does not speak of, and `extra`, is left out. */
export const columnsOf = (record: SocialRecord): Row =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name, value]) => value !== undefined && name !== 'type' && name !== 'extra')
      .map(([name, value]) => [
        name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
        typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? JSON.stringify(value) : value,
      ]),
  )

/** A record of the sandbox's truth as the row that it should have become: only the columns that it speaks of. */
const expectedRow = (
  network: string,
  record: SocialRecord,
): { table: keyof typeof KEYS; key: string; row: Row } => {
  const { type } = record
  const row: Row = { network, ...columnsOf(record) }
  if (record.type === 'like') row.id = `${record.postId}:${record.authorId}`
  const table = TABLE_OF[type]
  return { table, key: keyOf(table, row), row }
}

export const keyOf = (table: keyof typeof KEYS, row: Row): string =>
  KEYS[table].map(column => String(row[column])).join(' ')

/**
 * Where a file's result rows are not the world's: rows that are missing, that nobody promised, or that differ in a
 * column which the world speaks of. Empty = row by row the same, and nothing more.
 */
export const differences = (
  path: string,
  network: string,
  records: Iterable<SocialRecord>,
): readonly string[] => {
  const left = new Map<string, Row>(
    Object.entries(resultRows(path, { signed: true })).flatMap(([table, rows]) =>
      rows.map(row => [`${table} ${keyOf(table as keyof typeof KEYS, row)}`, row] as const),
    ),
  )
  const found: string[] = []
  for (const record of records) {
    const { table, key, row } = expectedRow(network, record)
    const place = `${table} ${key}`
    const stored = left.get(place)
    left.delete(place)
    if (stored === undefined) {
      found.push(`${place} is missing`)
      continue
    }
    for (const [column, value] of Object.entries(row)) {
      if (stored[column] !== value) {
        found.push(
          `${place}: ${column} is ${JSON.stringify(stored[column])}, should be ${JSON.stringify(value)}`,
        )
      }
    }
  }
  return [...found, ...[...left.keys()].map(place => `${place} is nobody's`)].slice(0, 20)
}

/** The rows of one query on a file. */
export const query = (path: string, sql: string): Row[] => {
  const db = openRead(path)
  try {
    return db.prepare(sql).all() as Row[]
  } finally {
    db.close()
  }
}

const COUNTERS = /_counts?$/

/**
 * The counters of profiles and posts in `metrics` that are not those of one observation of these records: each is
 * there once, and no other is. Insights, which are no columns, are left out.
 */
export const strayCounters = (
  path: string,
  network: string,
  records: Iterable<SocialRecord>,
): readonly string[] => {
  const unmatched = new Map<string, number>()
  const note = (line: string, by: number): void => void unmatched.set(line, (unmatched.get(line) ?? 0) + by)
  for (const { subject, subject_id, name, value } of query(path, 'select * from metrics')) {
    if (COUNTERS.test(String(name))) note(`${subject} ${subject_id} ${name} ${value}`, 1)
  }
  for (const record of records) {
    if (record.type !== 'profile' && record.type !== 'post') continue
    for (const [column, value] of Object.entries(expectedRow(network, record).row)) {
      if (COUNTERS.test(column) && value !== null) note(`${record.type} ${record.id} ${column} ${value}`, -1)
    }
  }
  return [...unmatched]
    .filter(([, count]) => count !== 0)
    .map(([line, count]) => `${line}: ${count > 0 ? 'nobody expects it' : 'missing'}`)
    .slice(0, 20)
}
