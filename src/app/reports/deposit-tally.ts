import type { Gap, Period } from '../../export/deposit/deposit.ts'
import type { ExportKind } from '../../export/kinds.ts'
import type { Row, Table } from '../../export/table.ts'
import { IDLE } from '../../store/queue/find-jobs.ts'
import { REASON_TEXT } from './messages.ts'

/** What rows tell while they are written: how many of whom, of when, what is missing, and who was asked for. */
export interface Tally {
  /** The same rows, counted as they pass. */
  watch(name: ExportKind, rows: Table['rows']): Table['rows']
  rowsOf(name: ExportKind): Readonly<Record<string, number>>
  /** The moments at which networks told what is in it. */
  fetched(): Period | null
  /** Those at which its posts were published. */
  published(): Period | null
  /** Runs that its jobs are of. */
  runs(): readonly number[]
  /** The list: `network:id`, each once, in the order of the jobs. */
  list(): readonly string[]
  gaps(): readonly Gap[]
}

export const openTally = (): Tally => {
  const counts = new Map<ExportKind, Map<string, number>>()
  const fetched = openPeriod()
  const published = openPeriod()
  const runs = new Set<number>()
  const listed = new Map<string, Trouble | null>()
  const gaps = openGaps()
  const note = (name: ExportKind, row: Row): void => {
    fetched.add(row.fetched_at)
    if (name === 'posts') published.add(row.created_at)
    if (name === 'jobs') {
      if (row.run_id != null) runs.add(Number(row.run_id))
      // A later job of the same profile knows better, unless it was none of its business.
      const trouble = troubleOf(row)
      const key = `${row.network}:${row.entity_id}`
      if (trouble !== 'idle' || !listed.has(key)) listed.set(key, trouble === 'idle' ? null : trouble)
    }
    if (row.missing_since != null) return
    if (name === 'profiles') gaps.add(row, 'posts', row.posts_reason, row.posts_count, row.stored_posts_count)
    if (name === 'posts')
      gaps.add(row, 'comments', row.comments_reason, row.comments_count, row.stored_comments_count)
  }
  return {
    watch: (name, rows) => {
      const mine = new Map<string, number>()
      counts.set(name, mine)
      return (async function* () {
        for await (const row of rows) {
          const network = String(row.network)
          mine.set(network, (mine.get(network) ?? 0) + 1)
          note(name, row)
          yield row
        }
      })()
    },
    rowsOf: name => Object.fromEntries(counts.get(name) ?? []),
    fetched: fetched.period,
    published: published.period,
    runs: () => [...runs],
    list: () => [...listed.keys()],
    gaps: () => [
      ...gaps.ofProfiles(
        [...listed].flatMap(([key, trouble]) => (trouble === null ? [] : [{ key, trouble }])),
      ),
      ...gaps.all(),
    ],
  }
}

/** Why a profile of the list did not come. */
type Trouble = string

/** Null = it came; `idle` = the job left it to another one. */
const troubleOf = ({ status, reason, error_type }: Row): Trouble | 'idle' | null => {
  if (IDLE.some(idle => idle === reason)) return 'idle'
  return status === 'failed' || status === 'skipped' ? String(reason ?? error_type ?? status) : null
}

const openPeriod = () => {
  let from: string | null = null
  let to: string | null = null
  return {
    add(moment: Row[string] | undefined): void {
      if (typeof moment !== 'string') return
      if (from === null || moment < from) from = moment
      if (to === null || moment > to) to = moment
    },
    period: (): Period | null => (from === null || to === null ? null : { from, to }),
  }
}

const openGaps = () => {
  const found = new Map<string, Gap>()
  const means = (reason: string): string => REASON_TEXT[reason] ?? 'it ended in an error'
  return {
    add(
      { network }: Row,
      of: 'posts' | 'comments',
      reason: Row[string] | undefined,
      declared: Row[string] | undefined,
      stored: Row[string] | undefined,
    ): void {
      if (reason == null) return
      const missing = declared == null ? null : Math.max(0, Number(declared) - Number(stored))
      // What stopped a walk has cost nothing where all that is declared came.
      if (missing === 0) return
      const key = `${network} ${of} ${reason}`
      const gap = found.get(key)
      found.set(key, {
        network: String(network),
        of,
        reason: String(reason),
        means: means(String(reason)),
        missing: missing === null ? (gap?.missing ?? null) : (gap?.missing ?? 0) + missing,
        within: (gap?.within ?? 0) + 1,
      })
    },
    all: (): readonly Gap[] => [...found.values()],
    ofProfiles: (troubles: readonly { readonly key: string; readonly trouble: Trouble }[]): readonly Gap[] =>
      [...Map.groupBy(troubles, ({ key, trouble }) => `${key.split(':')[0]} ${trouble}`)].map(
        ([group, those]) => {
          const [network = '', reason = ''] = group.split(' ')
          return {
            network,
            of: 'profiles',
            reason,
            means: means(reason),
            missing: those.length,
            within: those.length,
          }
        },
      ),
  }
}
