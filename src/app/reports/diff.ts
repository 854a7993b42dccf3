import { BadInput } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import { topList } from '../../core/top-list.ts'
import { type Exported, type ExportOptions, exportTable } from '../../export/export.ts'
import type { Column } from '../../export/table.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import type { Reading } from '../../store/database/database.ts'
import { newestEndedRun, spanOfRun } from '../../store/queue/find-jobs.ts'
import { withReadTransaction } from '../../store/reader.ts'
import {
  type Change,
  type ChangeFilter,
  type ChangeWord,
  type NewComments,
  streamChanges,
  streamNewComments,
} from '../../store/reports/changes.ts'
import { findChosen } from '../ids/find-profile.ts'
import type { IdNetwork } from '../ids/named-line.ts'

export interface DiffRequest {
  readonly db: string
  /** From this moment on; null = what a run changed. */
  readonly since: Instant | null
  /** This run; null with `since` null = the newest that has ended. */
  readonly run: number | null
  readonly network: string | null
  readonly entity: string | null
  /** What ids may be of. */
  readonly networks: readonly IdNetwork[]
}

/** What changed: how much by kind, and the first or largest of each. */
export interface Diff extends ChangeFilter {
  readonly counts: readonly ChangeCount[]
  /** The first of each kind; new comments only as `commented`, what moved only as `movers`. */
  readonly examples: Readonly<Record<Exclude<ChangeWord, 'moved'>, readonly Change[]>>
  /** Posts with the most new comments. */
  readonly commented: readonly NewComments[]
  readonly movers: readonly Movers[]
}

export interface ChangeCount {
  readonly change: ChangeWord
  readonly network: string
  readonly subject: Change['subject']
  readonly count: number
}

/** One counter of many profiles or posts. */
export interface Movers {
  readonly subject: Change['subject']
  readonly field: string
  readonly up: number
  readonly down: number
  /** A value before, none now; and the other way round. */
  readonly hidden: number
  readonly shown: number
  /** By how much, hidden and shown ones last. */
  readonly largest: readonly Change[]
}

/** Sums up what changed, all of it as the file was at one moment, with at most `limit` of each kind. BadInput where there is no such run or profile. */
export const diffStored = (request: DiffRequest, limit: number): Promise<Diff> =>
  withReadTransaction(request.db, async db => sumChanges(db, await filterOf(db, request), limit))

/** The same of what is read already. */
export const sumChanges = async (db: Reading['db'], filter: ChangeFilter, limit: number): Promise<Diff> => {
  const tally = openTally()
  const examples = { new: [], edited: [], gone: [], back: [] } as Record<keyof Diff['examples'], Change[]>
  for (const word of LISTED) {
    const subjects = word === 'new' ? (['profile', 'post'] as const) : undefined
    for await (const change of streamChanges(db, word, filter, subjects)) {
      tally.add(change, 1)
      if (examples[word].length < limit) examples[word].push(change)
    }
  }
  const commented = topList<NewComments>(limit, ({ comments }) => comments)
  for await (const post of streamNewComments(db, filter)) {
    tally.add({ change: 'new', network: post.network, subject: 'comment' }, post.comments)
    commented.add(post)
  }
  const movers = openMovers(limit)
  for await (const change of streamChanges(db, 'moved', filter)) {
    tally.add(change, 1)
    movers.add(change)
  }
  return { ...filter, counts: tally.counts(), examples, commented: commented.items(), movers: movers.all() }
}

/** Writes every change as a row of its own. */
export const exportChanges = (
  request: DiffRequest,
  out: string | null,
  options: ExportOptions,
): Promise<Exported> =>
  withReadTransaction(request.db, async db => {
    const filter = await filterOf(db, request)
    const rows = async function* () {
      for (const word of [...LISTED, 'moved'] as const)
        for await (const change of streamChanges(db, word, filter)) yield { ...change }
    }
    return exportTable({ name: 'changes', columns: COLUMNS, rows: rows() }, out, options)
  })

const LISTED = ['new', 'edited', 'gone', 'back'] as const satisfies readonly ChangeWord[]

const COLUMNS: readonly Column[] = [
  { name: 'change', type: 'text' },
  { name: 'network', type: 'text' },
  { name: 'subject', type: 'text' },
  { name: 'subject_id', type: 'id' },
  { name: 'profile_id', type: 'id' },
  { name: 'profile', type: 'text' },
  { name: 'profile_name', type: 'text' },
  { name: 'post_id', type: 'id' },
  { name: 'at', type: 'instant' },
  { name: 'text', type: 'text' },
  { name: 'field', type: 'text' },
  { name: 'before', type: 'text' },
  { name: 'after', type: 'text' },
  { name: 'from', type: 'counter' },
  { name: 'to', type: 'counter' },
  { name: 'difference', type: 'counter' },
  { name: 'percent', type: 'ratio' },
]

const filterOf = async (db: Reading['db'], request: DiffRequest): Promise<ChangeFilter> => {
  const { network, entity } = await findChosen(db, request, false)
  if (request.since !== null) return { since: request.since, until: null, run: null, network, entity }
  const run = request.run ?? (await newestEndedRun(db))
  if (run === null)
    throw new BadInput(`no run has ended in ${nameOfDatabase(request.db)} yet`, {
      hint: 'say since when with --since',
    })
  const { created_at: since, finished_at: until } = await spanOfRun(db, run)
  return { since, until, run, network, entity }
}

const openTally = () => {
  const sums = new Map<string, { -readonly [Key in keyof ChangeCount]: ChangeCount[Key] }>()
  return {
    add: ({ change, network, subject }: Omit<ChangeCount, 'count'>, count: number): void => {
      const key = `${change} ${network} ${subject}`
      const sum = sums.get(key)
      if (sum === undefined) sums.set(key, { change, network, subject, count })
      else sum.count += count
    },
    counts: (): readonly ChangeCount[] => [...sums.values()],
  }
}

const openMovers = (limit: number) => {
  const found = new Map<string, Counted>()
  return {
    add: (change: Change): void => {
      const { subject, field, from, to, difference } = change
      const key = `${subject} ${field}`
      const mover = found.get(key) ?? {
        subject,
        field: field ?? '',
        sums: { up: 0, down: 0, hidden: 0, shown: 0 },
        largest: topList<Change>(limit, moved => Math.abs(moved.difference ?? 0)),
      }
      const way = to === null ? 'hidden' : from === null ? 'shown' : (difference ?? 0) > 0 ? 'up' : 'down'
      mover.sums[way] += 1
      mover.largest.add(change)
      found.set(key, mover)
    },
    all: (): readonly Movers[] =>
      [...found.values()].map(({ sums, largest, ...mover }) => ({
        ...mover,
        ...sums,
        largest: largest.items(),
      })),
  }
}

interface Counted {
  readonly subject: Change['subject']
  readonly field: string
  readonly sums: Record<'up' | 'down' | 'hidden' | 'shown', number>
  readonly largest: ReturnType<typeof topList<Change>>
}
