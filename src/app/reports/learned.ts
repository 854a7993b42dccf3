import { type Instant, instant } from '../../core/instant.ts'
import { learnedOf } from '../../networks/evidence.ts'
import { recall } from '../../store/queue/memory.ts'
import { type Db, withReaderIfCurrent } from '../../store/reader.ts'

/** Something that is not asked for, since a network refused it again and again. */
export interface LearnedRule {
  readonly network: string
  /** Whose credential it was refused to. */
  readonly account: string
  readonly fact: string
  /** From then on it is asked for again. */
  readonly until: Instant
}

/** What is believed of some networks at a moment, epoch ms. */
export const readLearned = async (
  db: Db,
  networks: readonly string[],
  now: number,
): Promise<readonly LearnedRule[]> => {
  const found: LearnedRule[] = []
  for (const network of networks)
    for (const { until, ...rule } of learnedOf(await recall(db, network), now))
      found.push({ network, ...rule, until: instant(until) })
  return found
}

/** The same of a file, if there is one. */
export const learnedRules = (
  path: string,
  networks: readonly string[],
  now: number,
): Promise<readonly LearnedRule[]> =>
  withReaderIfCurrent(path, async db => (db === null ? [] : readLearned(db, networks, now)))
