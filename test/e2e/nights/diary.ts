import type { SocialRecord } from '../../../src/core/records.ts'
import { columnsOf, openRead, type Row, TABLE_OF } from '../../support/tables.ts'
import { keyOf } from '../../support/walk.ts'

/** What the world showed of some profiles on one night. */
export interface Night {
  /** `2026-10-04`: a run's clock ticks while the world stands, so nights are told by their day. */
  readonly day: string
  /** Records by key, as `keyOf` says. */
  readonly truth: ReadonlyMap<string, SocialRecord>
}

/** A stored row with the key that its record has in the world. */
export interface Stored {
  readonly type: keyof typeof TABLE_OF
  readonly key: string
  readonly row: Row
}

/** All record rows of a file. */
export const readStored = (path: string): Stored[] => {
  const db = openRead(path)
  try {
    return (Object.keys(TABLE_OF) as (keyof typeof TABLE_OF)[]).flatMap(type =>
      (db.prepare(`select * from ${TABLE_OF[type]}`).all() as Row[]).map(row => ({
        type,
        key:
          type === 'media'
            ? `media ${row.post_id} ${row.position}`
            : type === 'like'
              ? `like ${row.post_id} ${row.author_id}`
              : type === 'item'
                ? `item ${row.collection_id} ${row.post_id}`
                : `${type} ${row.id}`,
        row,
      })),
    )
  } finally {
    db.close()
  }
}

const dayOf = (moment: unknown): string => String(moment).slice(0, 10)

export const nightOf = (moment: string, records: Iterable<SocialRecord>): Night => ({
  day: dayOf(moment),
  truth: new Map([...records].map(record => [keyOf(record), record])),
})

/** Where a row is not what the world showed on the night on which it was last fetched. */
export const strayRows = (stored: readonly Stored[], nights: readonly Night[]): string[] => {
  const byDay = new Map(nights.map(night => [night.day, night]))
  return stored.flatMap(({ key, row }) => {
    const night = byDay.get(dayOf(row.fetched_at))
    if (night === undefined) return [`${key} was fetched on no night: ${row.fetched_at}`]
    const record = night.truth.get(key)
    if (record === undefined) return [`${key} was not there on ${night.day}`]
    return Object.entries(columnsOf(record))
      .filter(([name, value]) => row[name] !== value)
      .map(
        ([name, value]) =>
          `${key} ${name}: ${JSON.stringify(row[name])} for ${JSON.stringify(value)} on ${night.day}`,
      )
  })
}

/** Rows called missing that were there on the night on which that was found. */
export const lies = (stored: readonly Stored[], nights: readonly Night[]): string[] => {
  const byDay = new Map(nights.map(night => [night.day, night]))
  return stored.flatMap(({ key, row }) => {
    if (row.missing_since == null) return []
    const night = byDay.get(dayOf(row.missing_since))
    return night === undefined || night.truth.has(key) ? [`${key} is missing since ${row.missing_since}`] : []
  })
}

const COUNTERS = /_counts?$/
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'bio'],
  post: ['title', 'caption'],
  comment: ['content'],
}
const HEARTBEAT_MS = 7 * 86_400_000

/** What history should hold: written night by night from the world's script, and held against the file at the end. */
export class Chronicle {
  readonly #metrics = new Map<string, { at: string; value: number | null }[]>()
  readonly #seen = new Map<string, { at: string; values: Row }>()
  readonly #revisions = new Set<string>()

  /** One night: the rows that were fetched in it. */
  write(night: Night, stored: readonly Stored[]): void {
    for (const { type, key, row } of stored) {
      if (dayOf(row.fetched_at) !== night.day || TEXTS[type] === undefined) continue
      const record = night.truth.get(key)
      if (record === undefined) continue
      const values = columnsOf(record)
      const before = this.#seen.get(key)
      for (const [name, value] of Object.entries(values)) {
        if (COUNTERS.test(name))
          this.#count(`${key} ${name}`, type, night.day, value as number | null, before, name)
        const earlier = before?.values[name]
        if (TEXTS[type].includes(name) && before && earlier != null && earlier !== value) {
          this.#revisions.add(`${key} ${name} ${night.day} ${earlier}`)
        }
      }
      this.#seen.set(key, { at: night.day, values })
    }
  }

  #count(
    series: string,
    type: string,
    at: string,
    value: number | null,
    before: { at: string; values: Row } | undefined,
    name: string,
  ): void {
    const entries = this.#metrics.get(series) ?? []
    this.#metrics.set(series, entries)
    const last = entries.at(-1)
    const earlier = before?.values[name] as number | null | undefined
    if (before === undefined || earlier === undefined) {
      if (value !== null && type !== 'comment') entries.push({ at, value })
      return
    }
    if (earlier !== value) {
      if (type === 'comment' && earlier !== null) entries.push({ at: before.at, value: earlier })
      entries.push({ at, value })
    } else if (
      value !== null &&
      type !== 'comment' &&
      last &&
      Date.parse(at) - Date.parse(last.at) >= HEARTBEAT_MS
    ) {
      entries.push({ at, value })
    }
  }

  /** Where the file's history is not the script's. */
  differences(path: string): string[] {
    const db = openRead(path)
    try {
      const told = new Map<string, string[]>()
      for (const row of db.prepare('select * from metrics order by observed_at').all() as Row[]) {
        if (!COUNTERS.test(String(row.name))) continue
        const series = `${row.subject} ${row.subject_id} ${row.name}`
        told.set(series, [...(told.get(series) ?? []), `${dayOf(row.observed_at)} ${row.value}`])
      }
      const found: string[] = []
      for (const [series, entries] of this.#metrics) {
        const lines = [...new Set(entries.map(({ at, value }) => `${at} ${value}`))]
        // A night that was killed reads some of it twice.
        const stored = [...new Set(told.get(series))]
        told.delete(series)
        if (lines.join() !== stored.join())
          found.push(`${series}: ${stored.join(', ')} for ${lines.join(', ')}`)
      }
      found.push(...[...told].map(([series, entries]) => `${series} is nobody's: ${entries}`))
      const revisions = new Set(
        (db.prepare(`select * from revisions where field <> 'missing_since'`).all() as Row[]).map(
          row => `${row.subject} ${row.subject_id} ${row.field} ${dayOf(row.seen_at)} ${row.text}`,
        ),
      )
      found.push(
        ...[...this.#revisions].filter(one => !revisions.has(one)).map(one => `revision lacks: ${one}`),
      )
      found.push(
        ...[...revisions].filter(one => !this.#revisions.has(one)).map(one => `revision of nothing: ${one}`),
      )
      return found
    } finally {
      db.close()
    }
  }

  get entries(): number {
    return [...this.#metrics.values()].reduce((sum, entries) => sum + entries.length, 0)
  }

  get edits(): number {
    return this.#revisions.size
  }
}
