import type { Json, JsonObject } from '../core/json.ts'
import type { Memory } from './contract.ts'

/**
 * What refusals teach about an API (docs/design.md §5.15): a rule is believed once three different subjects were refused
 * and none was accepted since, for the account where it was met, and for 30 days.
 */
export interface Evidence {
  /** Whether it is believed that this account is refused this, so that it need not be asked for. */
  holds(account: string, fact: string): boolean
  /** `subject` = what it was refused for: the post, the profile. */
  refused(account: string, fact: string, subject: string): void
  accepted(account: string, fact: string): void
}

/** So many different subjects make a rule. */
const ENOUGH = 3
export const LAPSES_MS = 30 * 86_400_000
const PREFIX = 'learned/'

/** `fact` is shown to people as it is: `the metric shares of reels`. */
export const openEvidence = (memory: Memory, now: () => number): Evidence => {
  const keyOf = (account: string, fact: string): string => `${PREFIX}${account}/${fact}`
  const subjectsOf = (key: string): readonly string[] => {
    const found = readFinding(memory.get(key))
    return found === null || now() - found.at >= LAPSES_MS ? [] : found.subjects
  }
  return {
    holds: (account, fact) => subjectsOf(keyOf(account, fact)).length >= ENOUGH,
    refused(account, fact, subject) {
      const key = keyOf(account, fact)
      const subjects = subjectsOf(key)
      if (subjects.length >= ENOUGH || subjects.includes(subject)) return
      memory.set(key, { subjects: [...subjects, subject], at: now() })
    },
    accepted(account, fact) {
      const key = keyOf(account, fact)
      if (subjectsOf(key).length > 0) memory.set(key, { subjects: [], at: now() })
    },
  }
}

/** Something that is not asked for, since the network refused it. */
export interface Learned {
  /** Whose credential it was refused to. */
  readonly account: string
  readonly fact: string
  /** Epoch ms from when it is asked for again. */
  readonly until: number
}

/** What of a network's memory is believed at a moment: what a run does not ask for. */
export const learnedOf = (memory: Iterable<readonly [key: string, value: Json]>, now: number): Learned[] => {
  const learned: Learned[] = []
  for (const [key, value] of memory) {
    const found = key.startsWith(PREFIX) ? readFinding(value) : null
    if (found === null || found.subjects.length < ENOUGH || now - found.at >= LAPSES_MS) continue
    const [account = '', ...fact] = key.slice(PREFIX.length).split('/')
    learned.push({ account, fact: fact.join('/'), until: found.at + LAPSES_MS })
  }
  return learned
}

const readFinding = (value: Json | undefined): { subjects: readonly string[]; at: number } | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { subjects, at } = value as JsonObject
  if (!Array.isArray(subjects) || typeof at !== 'number') return null
  return { subjects: subjects.filter(subject => typeof subject === 'string'), at }
}
