import type { JsonObject } from '../../../../core/json.ts'
import { between } from '../../../seeded.ts'
import { type Call, demand } from '../call.ts'
import { badParameter } from '../errors.ts'
import type { Account } from '../world/account.ts'
import { DAY, HOUR } from '../world/time.ts'
import { wireTime } from './comment-view.ts'
import { moment } from './edges.ts'
import { divide, metricsOf, only, titleOf, unknownMetric } from './insights.ts'
import { type Edge, type EdgeAsk, entry } from './view.ts'

type Shape = 'series' | 'total' | 'demographics'

/** Metrics of an account by what they can be (docs/networks/instagram.md §7). */
const METRICS: Readonly<Record<string, readonly [Shape, ...Shape[]]>> = {
  reach: ['series', 'total'],
  follower_count: ['series'],
  views: ['total'],
  accounts_engaged: ['total'],
  total_interactions: ['total'],
  likes: ['total'],
  comments: ['total'],
  shares: ['total'],
  saves: ['total'],
  replies: ['total'],
  reposts: ['total'],
  follows_and_unfollows: ['total'],
  profile_links_taps: ['total'],
  follower_demographics: ['demographics'],
  engaged_audience_demographics: ['demographics'],
}

const DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  age: ['13-17', '18-24', '25-34', '35-44', '45-54', '55-64', '65+'],
  city: ['Lisbon, Lisbon', 'Gdynia, Pomerania', 'Osaka, Osaka', 'Cork, Cork'],
  country: ['PT', 'PL', 'JP', 'IE'],
  gender: ['F', 'M', 'U'],
}

const LONGEST = 30 * DAY

/** `/{user}/insights`: series by the day, totals of a window, or who the followers are. */
export const accountInsights: Edge<Account> = (account, ask, call) => {
  demand(call, 'insights')
  const until = moment('until', ask.param('until')) ?? call.now
  const since = moment('since', ask.param('since')) ?? until - DAY
  if (until - since > LONGEST) {
    throw badParameter('There cannot be more than 30 days (2592000 s) between since and until')
  }
  const rows = metricsOf(ask).map((name, at) => {
    const shapes = entry(METRICS, name)
    if (shapes === undefined) throw unknownMetric(at, Object.keys(METRICS))
    const shape = shapeOf(name, shapes, ask)
    const period = shape === 'demographics' ? 'lifetime' : 'day'
    if (ask.param('period') !== period) {
      throw badParameter(`The following metrics (${name}) are incompatible with the period`)
    }
    return only(ask, {
      name,
      period,
      ...SHAPES[shape](account, name, since, until, call, ask),
      title: titleOf(name),
      description: '',
      id: `${account.id}/insights/${name}/${period}`,
    })
  })
  const data = period(ask) === 'day' && isUntold(until, call.now, call.option('insights-days')) ? [] : rows
  const window = (from: number, to: number): string =>
    ask.link({ since: String(Math.floor(from / 1000)), until: String(Math.floor(to / 1000)) })
  // They lead on past the asked window, without an end.
  const paging = { previous: window(2 * since - until, since), next: window(until, 2 * until - since) }
  return { data, paging }
}

const shapeOf = (name: string, shapes: readonly [Shape, ...Shape[]], ask: EdgeAsk): Shape => {
  const wanted: Shape = ask.param('metric_type') === 'total_value' ? 'total' : 'series'
  if (shapes[0] === 'demographics') return 'demographics'
  if (shapes.includes(wanted)) return wanted
  throw badParameter(
    wanted === 'series'
      ? `The following metrics (${name}) should be specified with parameter metric_type=total_value`
      : `The following metrics (${name}) do not support metric_type=total_value`,
  )
}

const SHAPES: Readonly<
  Record<
    Shape,
    (account: Account, name: string, since: number, until: number, call: Call, ask: EdgeAsk) => JsonObject
  >
> = {
  series: (account, name, since, until, { now }) => ({
    values: daysBetween(since, until).map(end => ({
      value: dayValue(account, name, end, now),
      end_time: wireTime(end),
    })),
  }),
  total: (account, name, since, until, { now }) => ({
    total_value: {
      value: daysBetween(since, until).reduce((sum, end) => sum + dayValue(account, name, end, now), 0),
    },
  }),
  demographics: (account, name, _since, _until, call, ask) => {
    const breakdown = ask.param('breakdown') ?? ''
    const among = entry(DIMENSIONS, breakdown)
    if (among === undefined) throw badParameter('Param breakdown must be one of age, city, country, gender')
    if (!['this_week', 'this_month'].includes(ask.param('timeframe') ?? '')) {
      throw badParameter('Param timeframe must be one of this_week, this_month')
    }
    // Below a hundred there are no results, and no list of them.
    if (account.followers < 100 || !call.option('demographics'))
      return { total_value: { breakdowns: [{ dimension_keys: [breakdown] }] } }
    return { total_value: { breakdowns: [divide(account.followers, breakdown, among, account.key + name)] } }
  },
}

/** What a day has in the end comes late: until it has settled, less is told. */
const dayValue = (account: Account, name: string, end: number, at: number): number => {
  const whole = between(0, Math.floor(account.followers / 4), account.key, name, Math.floor(end / DAY))
  return at - end < SETTLES ? Math.floor(whole * 0.9) : whole
}

const SETTLES = 2 * DAY

/** Not counted yet, or not kept any more: an empty list, never a zero. */
const isUntold = (until: number, at: number, days: number): boolean =>
  at - until < 0 || at - until >= Math.min(90, days) * DAY

const period = (ask: EdgeAsk): string | null => ask.param('period')

/** The ends of the days that lie in a window: midnights of US Pacific time, wherever the account is. */
const daysBetween = (since: number, until: number): readonly number[] => {
  const ends: number[] = []
  for (let day = Math.floor(since / DAY) * DAY; day <= until; day += DAY) {
    const end = day + pacificOffset(day)
    if (end > since && end <= until) ends.push(end)
  }
  return ends
}

const OFFSET = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  timeZoneName: 'longOffset',
})

const pacificOffset = (day: number): number =>
  (OFFSET.format(day + 8 * HOUR).endsWith('-07:00') ? 7 : 8) * HOUR
