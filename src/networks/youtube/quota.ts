import { createHash } from 'node:crypto'
import { BadInput } from '../../core/errors.ts'
import type { IncrementalPolicy, Limits, Pool } from '../../core/stream.ts'
import type { Credential, CredentialField } from '../contract.ts'

/** What a user may say of the project behind a key: its name, where several keys share it, and its raised or lowered allowance. */
export const PROJECT_FIELDS: readonly CredentialField[] = [
  { key: 'project', variable: 'SOCSYNC_YOUTUBE_PROJECT', required: false, secret: false },
  { key: 'daily_units', variable: 'SOCSYNC_YOUTUBE_DAILY_UNITS', required: false, secret: false },
]

/**
 * Whose quota a credential spends. Quota is counted per project, which a key does not name: unless the user does,
 * each key counts as a project of its own, known by a piece of its hash.
 */
export const ownerOf = ({ values }: Credential): string =>
  values.project ??
  createHash('sha256')
    .update(values.api_key ?? values.client_id ?? '')
    .digest('hex')
    .slice(0, 12)

/** The allowances since June 2026 (docs/networks/youtube.md §8) and, at first, the pace that has no reported trouble. */
export const limitsOf = ({ values }: Credential): Limits => ({
  concurrency: { start: 4, most: 16 },
  perSecond: null,
  order: 'by-entity',
  pools: [
    pool('default', readUnits(values.daily_units) ?? 10_000),
    // Of `--lists older` alone.
    { ...pool('search', 100), isOfSome: true },
    pool('batch-stats', 10_000),
  ],
})

const DAY_MS = 86_400_000

/**
 * Videos stand in the uploads by the time of upload, and may have waited long to be published (networks/youtube.md
 * docs/networks/youtube.md §0.5, docs/networks/youtube.md §10). Look-ups by id tell of videos and comments alike, so that one whole walk is enough.
 */
export const POLICY: IncrementalPolicy = {
  overlapMs: 30 * DAY_MS,
  lookbackMs: 3 * DAY_MS,
  lagMs: 0,
  absence: { walks: 1, overMs: 0 },
}

/** Turns at midnight in California, summer and winter; a minute later, for clocks that differ. */
const pool = (name: string, allowance: number): Pool => ({
  name,
  allowance,
  window: { kind: 'day', zone: 'America/Los_Angeles', marginMs: 60_000 },
})

const readUnits = (text: string | undefined): number | null => {
  if (text === undefined || text === '') return null
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new BadInput(`SOCSYNC_YOUTUBE_DAILY_UNITS is ${JSON.stringify(text)}`, {
    hint: 'give the units per day of the project as a whole number, 10000 unless Google has changed it',
  })
}
