import { z } from 'zod'
import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { LISTS } from '../../core/params.ts'
import { SCOPES } from '../../core/scope.ts'
import { readDuration } from './bounds.ts'

/**
 * One thing that can be set. Its name here is `limitPosts`; the flag is `--limit-posts`, the environment variable
 * `SOCSYNC_LIMIT_POSTS` and the key of the config file `limit_posts`.
 */
export interface Setting<T> {
  /** What it must be, for the message that refuses another value. */
  readonly allowed: string
  /** The words it is one of, so that the nearest can be suggested. */
  readonly words?: readonly string[]
  readonly schema: z.ZodType<T>
  /** The value that a flag or a variable spells; what cannot be read is left as it is, for the schema to refuse. */
  read(text: string): unknown
  readonly fallback: T
  /** True for a path: in the config file it is relative to that file. */
  readonly path?: true
}

/** What a value must be: a setting without how it is spelled in a flag, and without a default. */
export type Rule<T> = Pick<Setting<T>, 'allowed' | 'words' | 'schema'>

/** A value as its setting takes it; BadInput that names the `place` and what is allowed. */
export const accept = <T>(setting: Rule<T>, value: unknown, place: string): T => {
  const { success, data } = setting.schema.safeParse(value)
  if (success) return data
  const wrong = [value].flat().find(word => !setting.words?.includes(String(word)))
  const meant = setting.words === undefined ? null : nearest(String(wrong), setting.words)
  throw new BadInput(
    `${place} must be ${setting.allowed}`,
    meant === null ? {} : { hint: `did you mean ${meant}?` },
  )
}

export const whole = (low: number): Setting<number | null> => ({
  allowed: `a whole number from ${low} on`,
  schema: z.int().min(low),
  read: text => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  fallback: null,
})

const yesNo: Setting<boolean> = {
  allowed: 'true or false',
  schema: z.boolean(),
  read: text => ({ true: true, '1': true, false: false, '0': false })[text] ?? text,
  fallback: false,
}

const oneOf = <const T extends string>(words: readonly T[], fallback: NoInfer<T>): Setting<T> => ({
  allowed: words.join(' or '),
  words,
  schema: z.enum(words),
  read: text => text,
  fallback,
})

export const severalOf = <const T extends string>(
  words: readonly T[],
  fallback: readonly NoInfer<T>[],
): Setting<readonly T[]> => ({
  allowed: `one or more of ${words.join(', ')}`,
  words,
  schema: z.union([z.array(z.enum(words)).min(1), z.enum(words).transform(word => [word])]),
  read: text => text.split(',').map(word => word.trim()),
  fallback,
})

export const length = {
  allowed: 'a length of time such as 60s, 26h or 30d',
  schema: z.string().transform((text, context) => {
    try {
      return readDuration(text, '')
    } catch {
      context.addIssue('no length of time')
      return z.NEVER
    }
  }),
  read: (text: string): unknown => text,
}

const duration: Setting<number | null> = { ...length, fallback: null }
const lasting = (fallback: number): Setting<number> => ({ ...length, fallback })

const path = <F extends string | null>(fallback: F): Setting<string | F> => ({
  allowed: 'the path of a file',
  schema: z.string().min(1),
  read: text => text,
  fallback,
  path: true,
})

/** All settings that outlive one command line. Null = not set. Lengths of time are milliseconds. */
export const SETTINGS = {
  db: path('./socsync.db'),
  credentials: path(null),
  /** Null = the file beside the database. */
  pseudonymKey: path(null),
  scope: severalOf(SCOPES, ['posts']),
  replies: oneOf(['none', 'inline', 'full'], 'full'),
  lists: severalOf(LISTS, []),
  limitPosts: whole(1),
  limitComments: whole(1),
  concurrency: whole(1),
  budget: whole(0),
  maxWait: lasting(60_000),
  lookback: duration,
  fullEvery: lasting(30 * 86_400_000),
  refreshAfter: lasting(6 * 3_600_000),
  raw: oneOf(['pages', 'off'], 'pages'),
  strict: yesNo,
  /** Null = bars on a terminal, off it lines for people. */
  logFormat: { ...oneOf(['text', 'json'], 'text'), fallback: null } as Setting<'text' | 'json' | null>,
  logFile: path(null),
} as const

type Value<S> = S extends Setting<infer T> ? T : never

export type SettingName = keyof typeof SETTINGS
export type Settings = { readonly [Name in SettingName]: Value<(typeof SETTINGS)[Name]> }
