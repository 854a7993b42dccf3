import { pages, type Range } from '../../core/price.ts'
import { NAMES_LISTED, NAMES_PAGE } from './streams/relations.ts'

/** Nobody knows beforehand how many an account has that was never asked for. */
const UNKNOWN: Range = { low: 1, likely: 10, high: 500 }

/** Calls for the names of followers, or of whom a profile follows, by how many it declares. */
export const namesCalls = (declared: number | null): Range => {
  if (declared === null) return UNKNOWN
  const of = (most: number): number => Math.max(1, pages(Math.min(declared, most), NAMES_PAGE))
  return { low: of(NAMES_LISTED.low), likely: of(NAMES_LISTED.likely), high: of(declared) }
}
