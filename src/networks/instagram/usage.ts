import type { Json } from '../../core/json.ts'
import { decode } from '../../http/json.ts'
import { type Fields, Reader } from '../reader.ts'

/** What a usage header tells of one pool: the used share (1 = throttled), and when a block ends, epoch milliseconds. */
export interface Usage {
  readonly pool: string
  readonly share: number
  readonly regainAt: number | null
}

export const APP_POOL = 'app'
export const accountPool = (id: string): string => `account:${id}`

/**
 * What an answer's headers tell (docs/networks/instagram.md §9): most often one header of the two, or none, which says
 * nothing. Of the three percentages the highest is the one that throttles.
 *
 * A read of an account is reported under its id and under that of the business that owns it; the account's own
 * entry counts, or the fullest one where it goes by another id. What is asked about others may be reported so too: it
 * then counts for the account that asks, and slows what the app's pool pays.
 */
export const readUsage = (
  headers: Readonly<Record<string, string>>,
  { account, asker }: { readonly account: string | null; readonly asker: string | null },
  now: number,
): readonly Usage[] => {
  const reader = new Reader()
  const app = reader.object(parse(headers['x-app-usage']), 'x-app-usage')
  const business = reader.object(parse(headers['x-business-use-case-usage']), 'x-business-use-case-usage')
  const usages: Usage[] = []
  if (app !== null) usages.push({ pool: APP_POOL, share: shareOf(app), regainAt: null })
  if (business === null) return usages
  const whose = account ?? asker
  const ids = whose !== null && business.has(whose) ? [whose] : Object.keys(business.raw)
  const entries = ids.flatMap(id => business.objects(id))
  const minutes = most(entries.map(entry => entry.count('estimated_time_to_regain_access')))
  const regainAt = minutes === 0 ? null : now + minutes * 60_000
  const share = most(entries.map(shareOf))
  if (whose !== null) usages.push({ pool: accountPool(whose), share, regainAt })
  if (account !== null) return usages
  return [
    ...usages.filter(({ pool }) => pool !== APP_POOL),
    { pool: APP_POOL, share: Math.max(share, app === null ? 0 : shareOf(app)), regainAt },
  ]
}

const most = (numbers: readonly (number | null)[]): number => Math.max(0, ...numbers.map(n => n ?? 0))

const shareOf = (entry: Fields): number =>
  most(['call_count', 'total_cputime', 'total_time'].map(key => entry.count(key))) / 100

/** A header that is no JSON tells nothing: the answer below it may still be whole. */
const parse = (header: string | undefined): Json | undefined => {
  if (header === undefined) return undefined
  try {
    return decode(header)
  } catch {
    return undefined
  }
}
