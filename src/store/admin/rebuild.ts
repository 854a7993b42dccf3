import type { CrashPoint } from '../../core/ports.ts'
import type { Page, Stream } from '../../core/stream.ts'
import type { Backup, Database, Overlay, Tx } from '../database/database.ts'
import { TasksOfRecords } from '../page/task-of-record.ts'
import { writeAside, writeRecords } from '../page/write-records.ts'
import { after, endSeed, findGaps, type Gaps, seed, settle } from './rebuild-gaps.ts'
import { type Changes, compare, DERIVED, isSame, takeOver } from './rebuild-tables.ts'
import { countPages, type StoredPage, storedPages } from './stored-pages.ts'
import { takeAlone } from './workers-alive.ts'

/** A stored page as it is read today, and by which stream. */
export interface ReadAgain {
  readonly page: Page
  readonly stream: Pick<Stream, 'lists' | 'looksUp' | 'newestFirst' | 'relates'>
}

export interface RebuildOptions {
  /** Normalises the answers of a page as a run would have stored them; throws where that cannot be done. */
  readonly read: (page: StoredPage) => ReadAgain
  /** True: only told, nothing is changed. */
  readonly dryRun: boolean
  /** Where the database as it was is copied to, if anything is to change and it is a file. */
  readonly backup: string
  /** Passes `rebuild.built` before a stored row is touched and `rebuild.written` before the commit. */
  readonly crash: CrashPoint
  readonly progress: (pages: number, of: number) => void
}

export interface Rebuilt {
  /** Pages that were read. */
  readonly pages: number
  /** Pages that could not be, by network, stream and reason: what they brought stays as it is. */
  readonly unread: readonly Unread[]
  readonly tables: Readonly<Record<string, Changes>>
  /** The copy of the file as it was; null where nothing was changed, and on a server. */
  readonly backup: Backup | null
}

export interface Unread {
  readonly network: string
  readonly stream: string
  readonly reason: string
  readonly pages: number
}

/**
 * Makes records, their history and rejects anew from the stored answers, with the statements of a page's commit,
 * into tables beside the old ones; then what differs is written, in one transaction, after a backup where it
 * is a file. What walks decided,
 * and not an answer, stays: `first_seen_at`, what is missing or absent, what is known of a post's comments.
 * Throws Locked while a run is at work on the database.
 */
export const rebuild = (database: Database, options: RebuildOptions): Promise<Rebuilt> =>
  database
    .write(async tx => {
      await takeAlone(tx, database.name, 'a rebuild')
      const { overlay, ...built } = await build(tx, options)
      options.crash('rebuild.built')
      if (options.dryRun || Object.values(built.tables).every(isSame)) throw new Undo(built)
      const backup = await database.backUp(options.backup, false)
      for (const table of DERIVED) await takeOver(tx.db, overlay, table)
      await overlay.takeAway()
      options.crash('rebuild.written')
      return { ...built, backup }
    })
    .catch((error: unknown) => {
      if (error instanceof Undo) return { ...error.built, backup: null }
      throw error
    })

/** Ends a transaction without a trace, but for what it found. */
class Undo extends Error {
  readonly built: Omit<Rebuilt, 'backup'>
  constructor(built: Omit<Rebuilt, 'backup'>) {
    super('only told')
    this.built = built
  }
}

type Built = Omit<Rebuilt, 'backup'> & { readonly overlay: Overlay }

const build = async (tx: Tx, options: RebuildOptions): Promise<Built> => {
  const gaps = await findGaps(tx.db)
  const unread = new Map<string, Unread>()
  for (;;) {
    const overlay = await tx.layOver(DERIVED.map(({ name }) => name))
    const kept = await seed(tx.db, overlay, gaps)
    const { pages, widened } = await replay(tx, options, gaps, unread)
    // A page that turned out to be unreadable is a gap of its profiles: what they are begins after it.
    if (widened) {
      await endSeed(tx.db)
      await overlay.takeAway()
      continue
    }
    await settle(tx.db, overlay)
    await endSeed(tx.db)
    const tables: Record<string, Changes> = {}
    for (const table of DERIVED)
      tables[table.name] = await compare(tx.db, overlay, table, kept.get(table.name) ?? 0)
    return { pages, unread: [...unread.values()], tables, overlay }
  }
}

/** Pages between two looks at the event loop. */
const BREATH = 200

const replay = async (
  tx: Tx,
  { read, progress }: RebuildOptions,
  gaps: Gaps,
  unread: Map<string, Unread>,
): Promise<{ readonly pages: number; readonly widened: boolean }> => {
  const total = await countPages(tx)
  let passed = 0
  let pages = 0
  let widened = false
  for await (const stored of storedPages(tx)) {
    if (passed++ % BREATH === 0) {
      progress(passed, total)
      await new Promise(resume => setImmediate(resume))
    }
    const { walk, fetchedAt, entityIds } = stored
    if (entityIds.every(id => gaps.covers(walk.network, id, fetchedAt))) continue
    const again = attempt(read, stored)
    if ('page' in again) {
      await write(tx, stored, again, gaps)
      pages++
      continue
    }
    const key = `${walk.network} ${walk.stream} ${again.reason}`
    const count = unread.get(key)?.pages ?? 0
    unread.set(key, { network: walk.network, stream: walk.stream, reason: again.reason, pages: count + 1 })
    for (const id of entityIds) widened = gaps.add(walk.network, id, after(fetchedAt)) || widened
  }
  progress(total, total)
  return { pages, widened }
}

const attempt = (
  read: RebuildOptions['read'],
  stored: StoredPage,
): ReadAgain | { readonly reason: string } => {
  try {
    return read(stored)
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Writes a page as its commit did, but for all that belongs to the walk. */
const write = async (
  tx: Tx,
  { walk, fetchedAt, duplicates }: StoredPage,
  { page, stream }: ReadAgain,
  gaps: Gaps,
): Promise<void> => {
  const owners = new TasksOfRecords(walk)
  for (const task of walk.tasks) {
    if (gaps.covers(walk.network, task.entityId, fetchedAt)) owners.gone.add(task.id)
  }
  for (const { externalId, profileId } of page.identities) {
    const task = walk.tasks.find(candidate => candidate.externalId === externalId)
    if (task === undefined) continue
    owners.learn(profileId, task)
    if (duplicates.has(task.id)) owners.gone.add(task.id)
  }
  // Without tasks and a next page nothing is counted for a second time.
  const again = {
    walk: { ...walk, tasks: [] },
    page: { ...page, next: null },
    fetchedAt,
    options: { stream },
  }
  await writeRecords(tx, again, owners)
  await writeAside(tx, again)
}
