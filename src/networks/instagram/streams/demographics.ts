import { type Instant, instant } from '../../../core/instant.ts'
import type { Snapshot } from '../../../core/records.ts'
import { page, type RawPart, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { BREAKDOWNS, DEMOGRAPHICS, RHYTHM_MS } from '../demographics.ts'
import type { Choice } from '../insight-sorts.ts'
import { askedIn, labelOf, ofAccount, type ReadMetrics } from '../metrics.ts'
import { onlyTask } from './answer.ts'

/**
 * Of whom an own account's followers consist, and those who reacted in the last month, once a week: a table of one moment for each
 * breakdown, `follower_demographics.country.PT`, and under `follower_demographics.country` how many it counts. Of an account of fewer than a
 * hundred there is none, which is that row without a value.
 */
export const demographicsStream = ({ demographics }: Choice, read: ReadMetrics): Stream => ({
  name: 'demographics',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  fetch: async (request, ctx) => {
    const { externalId: id, profileId } = onlyTask(request)
    const stored = await ctx.observed({
      subject: 'profile',
      subjectId: profileId ?? id,
      names: DEMOGRAPHICS.flatMap(metric => BREAKDOWNS.map(breakdown => `${metric}.${breakdown}`)),
      since: instant(ctx.now() - RHYTHM_MS),
    })
    if (stored.length > 0) return { parts: [] }
    const parts: RawPart[] = []
    for (const breakdown of BREAKDOWNS) {
      const query = { period: 'lifetime', metric_type: 'total_value', timeframe: 'this_month', breakdown }
      parts.push(...(await read(ofAccount(id, demographics, query), ctx)).parts)
    }
    return { parts }
  },
  normalise: ({ parts }, request) => {
    const { externalId, profileId } = onlyTask(request)
    const reader = new Reader()
    const [first] = parts
    if (first === undefined) return page({})
    const snapshots = parts.flatMap(part => tableOf(part, profileId ?? externalId, first.fetchedAt, reader))
    return page({
      snapshots,
      rejects: reader.rejects,
      reason: snapshots.some(({ value }) => value !== null) ? null : 'unsupported-by-network',
    })
  },
})

/** A breakdown, and how many it counts: in all they may be more, since the top 45 are told alone. */
const tableOf = (
  part: RawPart,
  subjectId: string,
  observedAt: Instant,
  reader: Reader,
): readonly Snapshot[] => {
  const breakdown = askedIn(part, 'breakdown')
  const rows = reader.object(part.json, '$')?.objects('data') ?? []
  return askedIn(part, 'metric')
    .split(',')
    .flatMap(metric => {
      const of = (label: string, value: number | null): Snapshot => ({
        subject: 'profile',
        subjectId,
        name: `${metric}.${breakdown}${label}`,
        value,
        observedAt,
      })
      const results =
        rows
          .find(row => row.string('name') === metric)
          ?.object('total_value')
          ?.objects('breakdowns')
          .flatMap(one => one.objects('results')) ?? []
      const told = results.flatMap(result => {
        const [label, value] = [labelOf(result), result.count('value')]
        return label === null || value === null ? [] : [of(`.${label}`, value)]
      })
      const sum = told.length === 0 ? null : told.reduce((total, { value }) => total + (value ?? 0), 0)
      return [of('', sum), ...told]
    })
}
