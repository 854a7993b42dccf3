import type { Evidence } from '../evidence.ts'

/** What a list of fields or metrics is asked about. */
export interface Asking {
  /** Whose credential or account it is refused to. */
  readonly account: string
  /** The profile, the post: what was refused for it is left out of its further pages. */
  readonly id: string
  /** What counts as one sample of many: the profile, the post; of what an account has one of, the day. */
  readonly subject: string
  /** How a refused name is told to people: `the metric shares of reels`. */
  fact(name: string): string
}

/** Fields and metrics that are not asked for: what was refused for the same thing, and what is believed to be refused to all. */
export const openSpared = (evidence: Evidence) => {
  const refused = new Map<string, Set<string>>()
  const keyOf = ({ account, id, fact }: Asking): string => [account, id, fact('')].join('\n')
  return {
    has: (asking: Asking, name: string): boolean =>
      refused.get(keyOf(asking))?.has(name) === true || evidence.holds(asking.account, asking.fact(name)),
    /** For this thing alone. */
    leaveOut(asking: Asking, names: Iterable<string>): void {
      const known = refused.get(keyOf(asking)) ?? new Set()
      refused.set(keyOf(asking), known)
      for (const name of names) known.add(name)
    },
    /** Told where the rest was taken: only then were these the ones. */
    learn({ account, subject, fact }: Asking, refusedNames: Iterable<string>, given: Iterable<string>): void {
      for (const name of refusedNames) evidence.refused(account, fact(name), subject)
      for (const name of given) evidence.accepted(account, fact(name))
    },
  }
}
