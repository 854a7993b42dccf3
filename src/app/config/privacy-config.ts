import { z } from 'zod'
import { fieldsOf, unknownKey } from './json-file.ts'
import { accept, type Rule } from './settings.ts'

/** How people stand in what is stored. */
export interface PrivacySettings {
  /** Everybody but the profiles that are asked for is stored by a pseudonym. */
  readonly pseudonymise: boolean
}

/** What may stand in `privacy` of the config file, by its keys. */
export const PRIVACY_RULES = {
  pseudonymise: { allowed: 'true or false', schema: z.boolean() },
} as const satisfies Record<string, Rule<unknown>>

const KEYS = Object.keys(PRIVACY_RULES)

export const NO_PRIVACY: PrivacySettings = { pseudonymise: false }

/** The section `privacy` of a config file. Throws BadInput that names the key. */
export const readPrivacy = (given: unknown, file: string): PrivacySettings => {
  const place = `privacy of ${file}`
  const { pseudonymise = false, ...rest } = fieldsOf(given, place)
  for (const key of Object.keys(rest)) throw unknownKey(key, place, KEYS)
  return {
    pseudonymise: accept(PRIVACY_RULES.pseudonymise, pseudonymise, `privacy.pseudonymise of ${file}`),
  }
}
