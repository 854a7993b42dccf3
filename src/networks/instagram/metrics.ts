import { FaultError } from '../../core/fault.ts'
import type { Instant } from '../../core/instant.ts'
import type { Snapshot, Subject } from '../../core/records.ts'
import type { CallContext, RawPage, RawPart } from '../../core/stream.ts'
import type { Evidence } from '../evidence.ts'
import { type Fields, Reader } from '../reader.ts'
import { halve, namedIn } from './culprits.ts'
import { BEFORE_CONVERSION, refuse } from './errors.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import { beforeConversion, type InsightsKnown } from './insights-known.ts'
import { type Asking, openSpared } from './spared.ts'

/** Insights of one account or media, to be read in one call. */
export interface MetricsReading {
  /** What they are insights of, in words for people: `reels`. What is learned of refused metrics holds for all of them. */
  readonly of: string
  /** Whose insights: `17841…`. */
  readonly id: string
  /** The own account that they belong to. */
  readonly account: string
  /** True where an account has one of it: what is refused on three days is then believed. */
  readonly single: boolean
  /** Of a media: when it was made; null = not known. */
  readonly madeAt: Instant | null
  readonly metrics: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

/**
 * Reads insights (docs/networks/instagram.md §7). One metric that the API refuses fails its whole call: it is left out, and
 * what was refused for three is not asked for of others. Where the permission is missing, three refusals answer for all else
 * of that account, as long as this process lives: there may be a call per post to come.
 */
export const openMetrics = (graph: Graph, insights: InsightsKnown, evidence: Evidence, now: () => number) => {
  const spared = openSpared(evidence)

  return async (reading: MetricsReading, ctx: CallContext): Promise<RawPage> => {
    const { of, id, account, single, madeAt, metrics, query } = reading
    const closed = insights.closedBy(account)
    if (closed !== null) throw closed
    if (insights.isBefore(account, { madeAt })) throw beforeConversion()
    const subject = single ? new Date(now()).toISOString().slice(0, 10) : id
    const asking: Asking = { account, id, subject, fact: metric => `the metric ${metric} of ${of}` }
    const culprits = new Set<string>()
    const path = `${encodeURIComponent(id)}/insights`
    const ask = (names: readonly string[]): Promise<GraphAnswer> => {
      const call = { path, query: { metric: names.join(','), ...query }, account, paged: false }
      return graph.get({ ...call, target: 'object', holds: 'list' }, ctx).catch(error => {
        if (error instanceof FaultError && error.fault.code === BEFORE_CONVERSION)
          insights.learnBefore(account, { madeAt })
        throw error
      })
    }
    let isFruitless = false
    for (;;) {
      const wanted = metrics.filter(metric => !spared.has(asking, metric))
      if (wanted.length === 0) return { parts: [] }
      const { part, refusal } = await ask(wanted)
      if (refusal === null) {
        insights.permitted(account)
        spared.learn(asking, culprits, namesIn(part))
        return { parts: [part] }
      }
      if (refusal.mend?.kind === 'permission') {
        insights.permissionRefused(account, id, refuse(refusal))
      }
      if (refusal.mend?.kind !== 'field') throw refuse(refusal)
      const { text, place } = refusal.mend
      const placed = place === null ? undefined : wanted[place]
      const named = placed === undefined ? namedIn(text, wanted) : [placed]
      const isHopeless = named.length === 0 && (isFruitless || wanted.length === 1)
      if (named.length === wanted.length || isHopeless) throw refuse(refusal)
      const found = named.length > 0 ? named : await findCulprit(wanted, ask)
      // A list that is refused from its first metric on, and again without it, is refused for something else.
      isFruitless = named.length === 0 && found[0] === wanted[0]
      for (const metric of found) culprits.add(metric)
      spared.leaveOut(asking, found)
    }
  }
}

const findCulprit = async (
  wanted: readonly string[],
  ask: (names: readonly string[]) => Promise<GraphAnswer>,
): Promise<readonly string[]> => {
  const culprit = await halve(wanted, async first => (await ask(first)).refusal === null)
  return culprit === undefined ? [] : [culprit]
}

const namesIn = ({ json }: RawPart): readonly string[] =>
  new Reader()
    .object(json, '$')
    ?.objects('data')
    .flatMap(row => row.string('name') ?? []) ?? []

export type ReadMetrics = ReturnType<typeof openMetrics>

/** What is asked about an own account itself. */
export const ofAccount = (
  id: string,
  metrics: MetricsReading['metrics'],
  query: MetricsReading['query'],
): MetricsReading => ({ of: 'own accounts', id, account: id, single: true, madeAt: null, metrics, query })

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
    ...parts.flatMap(part => {
      const label = labelOf(part)
      return label === null ? [] : [[`${name}.${label}`, part.count('value')] as const]
    }),
  ]
  return rows.flatMap(([label, number]) =>
    number === null ? [] : [{ subject, subjectId, name: prefix + label, value: number }],
  )
}

/** What an answer was asked for. */
export const askedIn = ({ request: { query } }: RawPart, name: string): string => {
  const { [name]: value } = Object(query) as Readonly<Record<string, unknown>>
  return typeof value === 'string' ? value : ''
}

/** What a part of a breakdown is called; null = that cannot be read, which is noted. */
export const labelOf = (part: Fields): string | null => {
  const values = part.value('dimension_values')
  if (Array.isArray(values) && values.length > 0 && values.every(value => typeof value === 'string'))
    return values.join('.')
  part.reject('a part of a breakdown without a name')
  return null
}
