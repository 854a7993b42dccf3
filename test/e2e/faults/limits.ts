import { START } from '../../support/sandbox.ts'
import { CREDENTIALS } from './credentials.ts'
import type { FaultRow } from './row.ts'
import { everywhere, FIRST, own, passed, row, tooMany } from './saying.ts'
import type { NetworkName } from './scene.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Times are looked at to the second or so: the runs themselves take some of it. */
const about = (ms: number): readonly [number, number] => [ms - 2 * SECOND, ms + 5 * SECOND]

/** Short waits: slept through; the lane slows down, and nothing is lost. */
const SLEPT: readonly FaultRow[] = [
  ...everywhere('43 Retry-After in seconds', tooMany('7')),
  ...everywhere('44 Retry-After as a date', tooMany(new Date(START + 30 * SECOND).toUTCString())),
  ...own(
    'youtube',
    'error',
    'quotaExceededPerMinute',
    'rateLimitPerMinute',
    'rateLimitExceeded',
    'userRateLimitExceeded',
  ),
  ...own('tiktok', 'rate-limited', true, 30),
].map(saying => row(saying, 'once', { after: 1, times: 1 }, { ...passed, wasted: 1 }))

/** Waits beyond the patience: deferred, with the time to come back. */
const DEFERRED: readonly FaultRow[] = [
  ...everywhere('45 Retry-After of a year', tooMany('31536000')).map(saying => ({ saying, until: DAY })),
  ...everywhere('45 Retry-After 1e9', tooMany('1e9')).map(saying => ({ saying, until: DAY })),
  ...everywhere('43 Retry-After of ten minutes', tooMany('600')).map(saying => ({
    saying,
    until: 10 * MINUTE,
  })),
  // No header tells how long the app's pool rests (docs/networks/instagram.md §9).
  ...[tooMany(null), tooMany('-5'), tooMany('soon')].map(value => ({
    saying: {
      name: `45 Retry-After ${JSON.stringify(value)}`,
      network: 'instagram',
      fault: 'status',
      value,
    } as const,
    until: HOUR,
  })),
  ...own(
    'instagram',
    'fault',
    'app-limit',
    'user-limit',
    'page-limit',
    'custom-limit',
    'account-limit',
    'application-limit',
  ).map(saying => ({ saying, until: HOUR })),
  ...own('instagram', 'fault', 'blocked').map(saying => ({ saying, until: 6 * HOUR })),
  ...own('tiktok', 'rate-limited', 300).map(saying => ({ saying, until: 5 * MINUTE })),
].map(({ saying, until }) =>
  row(
    saying,
    'for as long as it is asked',
    {},
    {
      exit: 75,
      error: 'rate_limited',
      all: true,
      notBefore: about(until),
      wasted: FIRST,
    },
  ),
)

/** Limits without an end: rests that grow, then deferred. */
const ENDLESS: readonly FaultRow[] = [
  ...everywhere('43 Retry-After in seconds', tooMany('7')),
  ...everywhere('45 no Retry-After', tooMany(null)).filter(({ network }) => network !== 'instagram'),
  ...everywhere('45 Retry-After in words', tooMany('soon')).filter(({ network }) => network !== 'instagram'),
  ...own('youtube', 'error', 'rateLimitPerMinute', 'userRateLimitExceeded'),
  ...own('tiktok', 'rate-limited', true, 30),
].map(saying =>
  row(
    saying,
    'without an end',
    {},
    {
      exit: 75,
      error: 'rate_limited',
      all: true,
      notBefore: [SECOND, 20 * MINUTE],
      wasted: 9 * FIRST,
    },
  ),
)

/** The day's allowance: gone by what the network says, or by our own ledger. */
const midnight = (network: NetworkName): readonly [number, number] =>
  network === 'youtube' ? about(19 * HOUR + MINUTE) : about(12 * HOUR + 5 * MINUTE)
const SPENT: readonly FaultRow[] = [
  ...own('youtube', 'error', 'quotaExceeded', 'dailyLimitExceeded', 'rateLimitPerDay'),
  ...own('tiktok', 'main-allowance', 0),
].flatMap(saying => [
  row(
    saying,
    'from the first call on',
    {},
    {
      exit: 75,
      error: 'quota_exhausted',
      all: true,
      notBefore: midnight(saying.network),
      wasted: FIRST,
    },
  ),
  ...(saying.fault === 'error'
    ? [
        row(
          saying,
          'in the middle',
          { after: 4 },
          {
            exit: 75,
            error: 'quota_exhausted',
            notBefore: midnight(saying.network),
            // The list of videos without their details is asked for again.
            wasted: 2 * FIRST,
          },
        ),
      ]
    : []),
])

/** docs/networks/youtube.md §8: the day turns at midnight in California, also on the days of 23 and 25 hours. */
const CHANGES: readonly FaultRow[] = (
  [
    ['the last half hour of a summer day', '2026-11-01T06:30Z', '2026-11-01T07:01Z'],
    ['the day of 25 hours, before the change', '2026-11-01T07:30Z', '2026-11-02T08:01Z'],
    ['the day of 25 hours, after the change', '2026-11-01T12:00Z', '2026-11-02T08:01Z'],
    ['the day of 23 hours, before the change', '2027-03-14T08:30Z', '2027-03-15T07:01Z'],
    ['the day of 23 hours, after the change', '2027-03-14T12:00Z', '2027-03-15T07:01Z'],
  ] as const
).map(([name, from, to]) => {
  const now = Date.parse(from)
  const expected = {
    exit: 75,
    error: 'quota_exhausted',
    all: true,
    notBefore: about(Date.parse(to) - now),
    wasted: FIRST,
  }
  return row(
    { name: `53 ${name}`, network: 'youtube', fault: 'error', value: 'quotaExceeded' },
    'spent',
    {},
    expected,
    { now },
  )
})

/**
 * `--budget` and `--max-wait`: ceilings of the user's own. A budget below a run's least cost is refused before
 * anything is asked (`plan.test.ts`); this one is above it, and too little all the same.
 */
const CEILINGS: readonly FaultRow[] = [
  {
    name: 'docs/design.md §5.7 --budget 6',
    rules: () => [],
    going: { budget: 6 },
    expected: ({ callsPerPage }) => ({ exit: 3, error: 'budget', wasted: FIRST * (callsPerPage - 1) }),
  },
  ...everywhere('docs/design.md §5.7 --max-wait 0', tooMany('5')).map(saying =>
    row(
      saying,
      'a limit of five seconds',
      {},
      { exit: 75, error: 'rate_limited', all: true, notBefore: about(5 * SECOND), wasted: FIRST },
      { going: { maxWaitMs: 0 } },
    ),
  ),
  ...everywhere('docs/design.md §5.7 --max-wait 10m', tooMany('300')).map(saying =>
    row(
      saying,
      'a limit of five minutes',
      { after: 2, times: 1 },
      { ...passed, wasted: 1 },
      { going: { maxWaitMs: 10 * MINUTE } },
    ),
  ),
]

/** The network is not there at all: nothing is asked for, all is deferred. */
const away = (name: string, baseUrl: string): FaultRow => ({
  name,
  rules: () => [],
  going: { baseUrl },
  expected: () => ({
    exit: 75,
    error: 'unreachable',
    all: true,
    notBefore: [5 * MINUTE, 7 * MINUTE],
    wasted: 0,
  }),
})
const AWAY: readonly FaultRow[] = [
  away('28 name not found', 'http://nowhere.invalid'),
  // A port that was free a moment ago, and is never given out.
  away('29 connection refused', 'http://127.0.0.1:9'),
]

/** FAULTS 28, 29, 43 to 45, 51 to 53 and docs/design.md §5.7. */
export const LIMITS: readonly FaultRow[] = [
  ...AWAY,
  ...SLEPT,
  ...DEFERRED,
  ...ENDLESS,
  ...SPENT,
  ...CHANGES,
  ...CEILINGS,
  ...CREDENTIALS,
]
