import { FaultError } from '../../core/fault.ts'
import type { Instant } from '../../core/instant.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Memory } from '../contract.ts'
import { type Evidence, LAPSES_MS, openEvidence } from '../evidence.ts'
import { BEFORE_CONVERSION } from './errors.ts'
import { type Choice, type Medium, PEOPLE_SAY, type Sort } from './insight-sorts.ts'

const PERMISSION = 'insights'
/** As they are told to people. */
const NESTED = 'insights inside of lists'
const SEVERAL = 'several lists in one call'

/** How insights of several media can be had in one call, as far as nothing speaks against it. */
export type Form = 'several' | 'nested'
const FORMS: Readonly<Record<Form, string>> = { several: SEVERAL, nested: NESTED }

/**
 * What refusals of insights have taught, of an own account. It lapses after 30 days, but for a missing permission, which holds as
 * long as this process lives (docs/networks/instagram.md §20).
 */
export const openInsightsKnown = (
  { media }: Pick<Choice, 'media'>,
  evidence: Evidence,
  memory: Memory,
  now: () => number,
) => {
  const closed = new Map<string, FaultError>()
  const permitted = new Set<string>()
  const permission = openEvidence(openForgetful(), now)
  const metricOf = (sort: Sort, name: string): string => `the metric ${name} of ${PEOPLE_SAY[sort]}`
  const lasting = (key: string): JsonObject | null => {
    const value = memory.get(key)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return now() - Number((value as JsonObject).at) < LAPSES_MS ? (value as JsonObject) : null
  }
  const turned = (account: string): string => `insights/since/${account}`
  const spoiler = (id: string): string => `insights/alone/${id}`

  return {
    /** The refusal that answers for all else of an account; null = they may be asked for. */
    closedBy: (account: string): FaultError | null =>
      permission.holds(account, PERMISSION) ? (closed.get(account) ?? null) : null,
    permissionRefused(account: string, subject: string, error: FaultError): void {
      permission.refused(account, PERMISSION, subject)
      closed.set(account, error)
    },
    permitted(account: string): void {
      permitted.add(account)
      permission.accepted(account, PERMISSION)
    },
    /** Whether any were given as long as this process lives. */
    isPermitted: (account: string): boolean => permitted.has(account),

    /** What is asked of a sort: not what three of it were refused. */
    metrics: (account: string, sort: Sort): readonly string[] =>
      media[sort].filter(name => !evidence.holds(account, metricOf(sort, name))),
    metricRefused: (account: string, sort: Sort, name: string, subject: string): void =>
      evidence.refused(account, metricOf(sort, name), subject),
    metricGiven: (account: string, sort: Sort, name: string): void =>
      evidence.accepted(account, metricOf(sort, name)),

    isOffered: (account: string, form: Form): boolean => !evidence.holds(account, FORMS[form]),
    formRefused: (account: string, form: Form, subject: string): void =>
      evidence.refused(account, FORMS[form], subject),
    formTaken: (account: string, form: Form): void => evidence.accepted(account, FORMS[form]),

    /**
     * Whether it was made before the account turned professional, as far as is known: what is older than one that was refused for
     * that has no insights either (docs/networks/instagram.md §10).
     */
    isBefore(account: string, { madeAt }: Pick<Medium, 'madeAt'>): boolean {
      const until = lasting(turned(account))?.until
      return madeAt !== null && typeof until === 'string' && madeAt <= until
    },
    learnBefore(account: string, { madeAt }: Pick<Medium, 'madeAt'>): void {
      if (madeAt !== null && !this.isBefore(account, { madeAt }))
        memory.set(turned(account), { until: madeAt, at: now() })
    },
    /** When the newest media was made that is known to be older than the insights; null = none is. */
    since(account: string): Instant | null {
      const until = lasting(turned(account))?.until
      return typeof until === 'string' ? until : null
    },

    /** Whether it spoils the calls that it shares with others. */
    isSpoiler: (id: string): boolean => lasting(spoiler(id)) !== null,
    learnSpoiler: (id: string): void => memory.set(spoiler(id), { at: now() }),
  }
}

export type InsightsKnown = ReturnType<typeof openInsightsKnown>

/** As the API says it, for a media that is known to be so. */
export const beforeConversion = (): FaultError =>
  new FaultError(
    { kind: 'unsupported', code: BEFORE_CONVERSION, reason: 'unavailable' },
    'made before the account became a professional one',
  )

/** For what is worth knowing as long as the process lives. */
const openForgetful = (): Memory => {
  const values = new Map<string, Json>()
  return { get: key => values.get(key), set: (key, value) => void values.set(key, value) }
}
