import type { SocialRecord } from '../../../src/core/records.ts'
import { tempFolder } from '../../support/cli.ts'
import { copyDatabase } from '../../support/on-server.ts'
import { keyOf, query, RESULT_TABLES, type Row, resultRows } from '../../support/tables.ts'
import { type Night, nightOf, readStored, type Stored } from './diary.ts'
import { DAY_MS, openNights, type World } from './lasting-world.ts'

/** Nights on which a fault lasts are among these, counted from 0. */
export const LAST_NIGHT = 8
/**
 * When it is lifted: on the night after, by a run that tries what fails at once (`--fresh`) or by one that reads all
 * anew (`--full-every 0s`); or when the next try of what failed all along is due by itself.
 */
export const LIFTED = { fresh: LAST_NIGHT + 1, full: LAST_NIGHT + 1, due: 17 } as const
export type Lifting = keyof typeof LIFTED

/** What a file holds on one night: rows by table and key, and what was measured that far. */
export interface Held {
  readonly rows: ReadonlyMap<string, Row>
  readonly metrics: ReadonlyMap<string, Row>
}

export interface ReferenceNight extends Held {
  readonly at: number
  readonly truth: Night
  /** What is stored and not called missing, by the keys of `truth`. */
  readonly here: ReadonlySet<string>
  readonly calls: number
}

/** The same nights on the same world without a fault: what a network's faults are held against. */
export interface Reference extends Disposable {
  readonly world: World
  /** By number: 0 to {@link LAST_NIGHT}, and those of {@link LIFTED}. */
  readonly nights: ReadonlyMap<number, ReferenceNight>
  readonly seen: Seen
  /** The file as the first night left it. */
  readonly afterFirst: string
}

export const momentOf = (world: World, night: number): number => world.began + night * DAY_MS

export const makeReference = async (world: World): Promise<Reference> => {
  const folder = tempFolder()
  const kept = { first: folder.file('first.db'), last: folder.file('last.db') }
  const nights = new Map<number, ReferenceNight>()
  await using healthy = await openNights(world)
  const play = async (of: typeof healthy, night: number): Promise<void> => {
    const at = momentOf(world, night)
    const { exit, calls } = await of.run(at)
    if (exit !== 0) throw new Error(`the undisturbed night ${night} ended with ${exit}`)
    const truth = nightOf(new Date(at).toISOString(), of.truth())
    nights.set(night, { at, truth, calls, here: hereIn(readStored(of.db)), ...holdingsOf(of.db) })
  }
  for (let night = 0; night <= LAST_NIGHT; night++) {
    await play(healthy, night)
    if (night === 0) copyDatabase(healthy.db, kept.first)
  }
  copyDatabase(healthy.db, kept.last)
  for (const night of new Set(Object.values(LIFTED))) {
    await using lifted = await openNights(world, { from: kept.last })
    await play(lifted, night)
  }
  const seen = new Seen(world, nights)
  return { world, nights, seen, afterFirst: kept.first, [Symbol.dispose]: folder[Symbol.dispose] }
}

export const hereIn = (stored: readonly Stored[]): ReadonlySet<string> =>
  new Set(stored.flatMap(({ key, row }) => (row.missing_since == null ? [key] : [])))

export const holdingsOf = (db: string): Held => {
  const tables = resultRows(db)
  const measured = query(db, 'select subject, subject_id, name, observed_at, value from metrics')
  return {
    rows: new Map(
      RESULT_TABLES.flatMap(table =>
        (tables[table] ?? []).map(row => [`${table} ${keyOf(table, row)}`, byDay(row)] as const),
      ),
    ),
    metrics: new Map(
      measured.map(row => [
        `metrics ${row.subject} ${row.subject_id} ${row.name} ${String(row.observed_at).slice(0, 10)}`,
        { subject: row.subject, subject_id: row.subject_id, name: row.name, value: row.value },
      ]),
    ),
  }
}

/** Runs of one night differ by the seconds that they wait. */
const FOUND_AT = ['missing_since', 'absent_since'] as const
const byDay = (row: Row): Row => {
  const days = FOUND_AT.flatMap(column => {
    const at = row[column]
    return typeof at === 'string' ? [[column, at.slice(0, 10)] as const] : []
  })
  return days.length === 0 ? row : { ...row, ...Object.fromEntries(days) }
}

/** What the world holds, for the table of faults to choose from. */
export class Seen {
  readonly #first: readonly SocialRecord[]
  /** Which post every comment of any night is of. */
  readonly #postOfComment = new Map<string, string>()
  readonly #threadOfReply = new Map<string, string>()
  readonly #profileOfPost = new Map<string, string>()
  readonly #dayOfPost = new Map<string, string>()
  readonly #stories = new Set<string>()
  readonly #began: number
  readonly #nights: Reference['nights']

  constructor({ began }: World, nights: Reference['nights']) {
    this.#began = began
    this.#nights = nights
    this.#first = [...(nights.get(0)?.truth.truth.values() ?? [])]
    for (const { truth } of nights.values()) {
      for (const record of truth.truth.values()) {
        if (record.type === 'comment') this.#postOfComment.set(record.id, record.postId)
        if (record.type === 'comment' && record.parentId) this.#threadOfReply.set(record.id, record.parentId)
        if (record.type !== 'post') continue
        this.#profileOfPost.set(record.id, record.profileId)
        this.#dayOfPost.set(record.id, String(record.createdAt).slice(0, 10))
        if (record.kind === 'story') this.#stories.add(record.id)
      }
    }
  }

  /** The posts of a profile on a night, in the order of its list. */
  posts(profileId: string, night = 0): readonly string[] {
    return [...(this.#nights.get(night)?.truth.truth.values() ?? [])].flatMap(record =>
      record.type === 'post' && record.profileId === profileId && record.kind !== 'story' ? [record.id] : [],
    )
  }

  /** The threads of a post on a night, newest first. */
  threads(postId: string, night: number): readonly string[] {
    return [...(this.#nights.get(night)?.truth.truth.values() ?? [])]
      .flatMap(record =>
        record.type === 'comment' && record.postId === postId && record.parentId == null
          ? [{ id: record.id, at: String(record.createdAt) }]
          : [],
      )
      .sort((a, b) => (a.at < b.at ? 1 : -1))
      .map(({ id }) => id)
  }

  threadOf(commentId: string): string {
    return this.#threadOfReply.get(commentId) ?? commentId
  }

  /** All posts that a profile has on any night. */
  everyPost(profileId: string): readonly string[] {
    return [...this.#profileOfPost].flatMap(([id, of]) => (of === profileId ? [id] : []))
  }

  profileId(username: string): string {
    const found = this.#first.find(record => record.type === 'profile' && record.username === username)
    if (found?.type !== 'profile') throw new Error(`nobody is called ${username}`)
    return found.id
  }

  /** The post with the most comments on the first night, of a profile. */
  mostCommented(profileId: string): string {
    const posts = new Set(this.posts(profileId))
    return this.#most(record =>
      record.type === 'comment' && posts.has(record.postId) ? record.postId : null,
    )
  }

  /** The comment with the most replies on the first night, of a profile. */
  mostAnswered(profileId: string): string {
    const posts = new Set(this.posts(profileId))
    return this.#most(record =>
      record.type === 'comment' && posts.has(record.postId) ? (record.parentId ?? null) : null,
    )
  }

  #most(keyOf: (record: SocialRecord) => string | null): string {
    const counts = new Map<string, number>()
    for (const record of this.#first) {
      const key = keyOf(record)
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a)
    if (most === undefined) throw new Error('the world has none')
    return most[0]
  }

  postOf(commentId: unknown): string | undefined {
    return this.#postOfComment.get(String(commentId))
  }

  isStory(postId: string): boolean {
    return this.#stories.has(postId)
  }

  /** The posts of the last so many days before the first night, of all profiles, the highest id first: as a search gives them. */
  newest(days: number): readonly string[] {
    const since = new Date(this.#began - (days + 1) * DAY_MS).toISOString()
    return this.#first
      .flatMap(record => (record.type === 'post' && String(record.createdAt) >= since ? [record.id] : []))
      .sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1))
  }

  /** The day on which a post was made. */
  dayOf(postId: unknown): string {
    return this.#dayOfPost.get(String(postId)) ?? ''
  }

  profileOf(postId: unknown): string | undefined {
    return this.#profileOfPost.get(String(postId))
  }
}
