import type { CommentRecord } from '../../../core/records.ts'

/**
 * Comments that a list has not brought whole, by id, in the order they came: how many replies it brought, and how
 * many there are by `reply_count` (null where the replies came before the comment). Carried in a walk's cursor.
 */
export type Tally = { readonly [commentId: string]: readonly [brought: number, declared: number | null] }

/** A comment whose replies have to be read apart. */
export interface Owing {
  readonly id: string
  readonly declared: number
}

/** About 20 kB of cursor. */
const MOST_KEPT = 500

/** The tally with one more page of the list. `owing` = those whose count is given up early, since a cursor must stay small. */
export const count = (
  tally: Tally,
  comments: readonly CommentRecord[],
): { tally: Tally; owing: readonly Owing[] } => {
  const kept = new Map(Object.entries(tally))
  const put = (id: string, brought: number, declared: number | null) => {
    if (declared !== null && brought >= declared) kept.delete(id)
    else kept.set(id, [brought, declared])
  }
  for (const { id, parentId, replyCount } of comments) {
    if (parentId !== null) {
      const [brought, declared] = kept.get(parentId) ?? [0, null]
      put(parentId, brought + 1, declared)
    }
    if (replyCount != null) put(id, kept.get(id)?.[0] ?? 0, replyCount)
  }
  const surplus = [...kept].slice(0, Math.max(0, kept.size - MOST_KEPT))
  for (const [id] of surplus) kept.delete(id)
  return { tally: Object.fromEntries(kept), owing: owingIn(surplus) }
}

/** What is missing once the list has ended. */
export const settle = (tally: Tally): readonly Owing[] => owingIn(Object.entries(tally))

const owingIn = (entries: readonly (readonly [string, Tally[string]])[]): readonly Owing[] =>
  entries.flatMap(([id, [, declared]]) => (declared === null ? [] : [{ id, declared }]))
