import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import type { ListedPost } from './normalise.ts'

/** Posts younger than this are looked at again, unless the user says otherwise. */
export const LOOKBACK_MS = 7 * 86_400_000

/**
 * The posts of a page that lie between `since` and `until`, and whether the walk is past them all. Discovery is not
 * asked by date (docs/networks/instagram.md §5, undocumented), and an own edge that is asked may pass over it (docs/networks/instagram.md §6).
 */
export const bound = (
  listed: readonly ListedPost[],
  { since, until }: Params,
): { readonly wanted: readonly ListedPost[]; readonly past: boolean } => {
  const isOlder = ({ post: { createdAt } }: ListedPost): boolean =>
    since !== null && typeof createdAt === 'string' && createdAt < since
  const isNewer = ({ post: { createdAt } }: ListedPost): boolean =>
    until !== null && typeof createdAt === 'string' && createdAt >= until
  return {
    wanted: listed.filter(post => !isOlder(post) && !isNewer(post)),
    past: listed.length > 0 && listed.every(isOlder),
  }
}

/** When the last post of a page was made. */
export const tailOf = (listed: readonly ListedPost[]): Instant | null => listed.at(-1)?.post.createdAt ?? null

/** The bounds as an own edge takes them: in seconds, and a little wide, since it is not documented whether they count in. */
export const span = ({ since, until }: Params): Readonly<Record<string, string>> => ({
  ...(since === null ? {} : { since: `${Math.floor(Date.parse(since) / 1000) - 1}` }),
  ...(until === null ? {} : { until: `${Math.ceil(Date.parse(until) / 1000)}` }),
})
