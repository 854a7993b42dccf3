import { type Instant, instant } from '../../../core/instant.ts'
import type { Snapshot } from '../../../core/records.ts'
import { type FetchContext, page, type RawPart, type Stream, type TaskRef } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { DAY_PREFIX, dueDays, keptDays, type PacificDay } from '../days.ts'
import type { Choice } from '../insight-sorts.ts'
import { askedIn, ofAccount, type ReadMetrics, snapshotsOf } from '../metrics.ts'
import { noted } from '../paging.ts'
import { onlyTask } from './answer.ts'

/** So many days, a call each, are one page: what is asked again where a process is killed. */
const DAYS_A_PAGE = 7

/**
 * Insights of an own account by the day, each as a snapshot of the day's end: `day.reach` (docs/networks/instagram.md §7). Days that
 * are not stored are read, however many nights were left out, as far back as they are kept, earliest first; those that were read
 * before their numbers had settled are read again.
 */
export const accountInsightsStream = ({ account }: Choice, read: ReadMetrics): Stream => ({
  name: 'account-insights',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  fetch: async (request, ctx) => {
    const { externalId: id, profileId } = onlyTask(request)
    const after = noted(request.cursor, 'after')
    const due = (await daysOf(account, { externalId: id, profileId }, ctx)).filter(
      ({ until }) => typeof after !== 'string' || until > Date.parse(after),
    )
    const parts: RawPart[] = []
    for (const { since, until } of due.slice(0, DAYS_A_PAGE)) {
      const query = {
        period: 'day',
        metric_type: 'total_value',
        since: `${since / 1000}`,
        until: `${until / 1000}`,
      }
      parts.push(...(await read(ofAccount(id, account, query), ctx)).parts)
    }
    return { parts }
  },
  normalise: ({ parts }, request) => {
    const { externalId, profileId } = onlyTask(request)
    const reader = new Reader()
    const snapshots = parts.flatMap(part => dayOf(part, profileId ?? externalId, reader))
    const days = parts.map(endOf)
    const last = days.at(-1)
    const isCapped = noted(request.cursor, 'capped') === true || parts.some(isEarliest)
    const ends = parts.length < DAYS_A_PAGE || last === undefined
    return page({
      snapshots,
      rejects: reader.rejects,
      window: last ?? null,
      next: ends ? null : { after: last, ...(isCapped && { capped: true }) },
      // What was before is not kept any more.
      reason: ends && isCapped ? 'capped' : null,
    })
  },
})

const daysOf = async (
  metrics: readonly string[],
  { externalId, profileId }: Pick<TaskRef, 'externalId' | 'profileId'>,
  ctx: FetchContext,
): Promise<readonly PacificDay[]> => {
  const days = keptDays(ctx.now())
  const [first] = days
  if (first === undefined) return []
  const stored = await ctx.observed({
    subject: 'profile',
    subjectId: profileId ?? externalId,
    names: metrics.map(name => DAY_PREFIX + name),
    since: instant(first.until),
  })
  return dueDays(days, stored)
}

/** What a day's answer tells, and what it was asked for and does not. */
const dayOf = (part: RawPart, subjectId: string, reader: Reader): readonly Snapshot[] => {
  const rows = reader.object(part.json, '$')?.objects('data') ?? []
  const told = rows.flatMap(row => snapshotsOf(row, 'profile', subjectId, DAY_PREFIX))
  const names = new Set(told.map(({ name }) => name))
  const untold = askedIn(part, 'metric')
    .split(',')
    .map(name => DAY_PREFIX + name)
    .filter(name => !names.has(name))
    .map((name): Snapshot => ({ subject: 'profile', subjectId, name, value: null }))
  return [...told, ...untold].map(snapshot => ({ ...snapshot, observedAt: endOf(part) }))
}

const endOf = (part: RawPart): Instant => instant(Number(askedIn(part, 'until')) * 1000)

/** Whether it is the earliest day that was kept when it was asked for. */
const isEarliest = (part: RawPart): boolean =>
  keptDays(Date.parse(part.fetchedAt))[0]?.until === Number(askedIn(part, 'until')) * 1000
