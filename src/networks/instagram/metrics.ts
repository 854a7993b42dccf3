import type { FaultError } from '../../core/fault.ts'
import type { Snapshot, Subject } from '../../core/records.ts'
import type { CallContext, RawPage } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import type { Fields } from '../reader.ts'
import { refuse } from './errors.ts'
import type { Graph } from './graph.ts'
import { openRefused } from './refused.ts'

/** Insights of one account or media, to be read in one call. */
export interface MetricsReading {
  /** What is learned of refused metrics holds for all that read one route. */
  readonly route: string
  /** Whose insights: `17841…`. */
  readonly id: string
  /** The own account that they belong to. */
  readonly account: string
  readonly metrics: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

/**
 * Reads insights (docs/networks/instagram.md §7). One metric that the API refuses fails its whole call: it is dropped and
 * remembered. Where the permission is missing, one refusal answers for all else of that account, as long as this
 * process lives: there may be a call per post to come.
 */
export const openMetrics = (graph: Graph, memory: Memory) => {
  const refused = openRefused(memory)
  const closed = new Map<string, FaultError>()

  return async (
    { route, id, account, metrics, query }: MetricsReading,
    ctx: CallContext,
  ): Promise<RawPage> => {
    for (;;) {
      const known = closed.get(account)
      if (known !== undefined) throw known
      const wanted = metrics.filter(metric => !refused.of(route).has(metric))
      const path = `${encodeURIComponent(id)}/insights`
      const call = { path, query: { metric: wanted.join(','), ...query }, account }
      const { part, refusal } = await graph.get({ ...call, target: 'object', paged: false }, ctx)
      if (refusal === null) return { parts: [part] }
      if (refusal.mend?.kind === 'permission') closed.set(account, refuse(refusal))
      const culprit = refusal.mend?.kind === 'field' ? refusal.mend.name : null
      const metric = typeof culprit === 'number' ? wanted[culprit] : wanted.find(name => name === culprit)
      if (metric === undefined || wanted.length === 1) throw refuse(refusal)
      refused.add(route, [metric])
    }
  }
}

export type ReadMetrics = ReturnType<typeof openMetrics>

/** One row: its value, and the parts of a breakdown as `navigation.tap_forward`. Missing data is no row (docs/networks/instagram.md §7). */
export const snapshotsOf = (
  row: Fields,
  subject: Subject,
  subjectId: string,
  prefix = '',
): readonly Snapshot[] => {
  const name = row.string('name')
  if (name === null) {
    row.reject('an insight without a name')
    return []
  }
  const total = row.object('total_value')
  const value = row.objects('values')[0]?.count('value') ?? total?.count('value') ?? null
  const parts = total?.objects('breakdowns').flatMap(breakdown => breakdown.objects('results')) ?? []
  const rows = [
    [name, value] as const,
    ...parts.map(part => [`${name}.${labelOf(part)}`, part.count('value')] as const),
  ]
  return rows.flatMap(([label, number]) =>
    number === null ? [] : [{ subject, subjectId, name: prefix + label, value: number }],
  )
}

const labelOf = (part: Fields): string => {
  const values = part.value('dimension_values')
  return Array.isArray(values) ? values.join('.') : ''
}
