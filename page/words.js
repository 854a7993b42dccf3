const numbers = new Intl.NumberFormat('en-GB')
export const number = value => numbers.format(value)

/** `+1,204` */
export const signed = value => `${value > 0 ? '+' : ''}${number(value)}`

export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayAndYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
export const dateline = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})

/** The zone that all times of the page are in: `Europe/Zurich, GMT+1`. */
export const zone = () => {
  const name = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
  const { timeZone } = name.resolvedOptions()
  const short = name.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName')?.value
  return [...new Set([timeZone, short])].filter(Boolean).join(', ')
}

export const shortDay = at => day.format(new Date(at))

/** `14:05` today, else `3 Nov, 14:05`, else with the year. */
export const moment = at => {
  const date = new Date(at)
  const now = new Date()
  if (date.toDateString() === now.toDateString()) return time.format(date)
  const days = date.getFullYear() === now.getFullYear() ? day : dayAndYear
  return `${days.format(date)}, ${time.format(date)}`
}

export const duration = ms => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return counted(Math.floor(seconds / 86_400), 'day')
}

/** `at 14:05, in 2 h 10 min`; `now` where that has passed. */
export const when = at => {
  const left = Date.parse(at) - Date.now()
  return left <= 0 ? 'now' : `at ${moment(at)}, in ${duration(left)}`
}

export const STATUSES = ['succeeded', 'partial', 'failed', 'skipped', 'running', 'pending']

export const sum = jobs => Object.values(jobs).reduce((total, count) => total + count, 0)

/** `3 succeeded, 1 partial` */
export const statusLine = jobs =>
  STATUSES.filter(status => jobs[status] > 0)
    .map(status => `${number(jobs[status])} ${status}`)
    .join(', ')

const KINDS = {
  profile: 'profile',
  posts: 'post',
  comments: 'comment',
  likes: 'like',
  followers: 'follower',
  following: 'following',
  playlists: 'playlist',
  tagged: 'tagged',
}
/** `12 posts (3 new), 5 comments (none new)` */
export const itemLine = (items, fresh) =>
  Object.entries(KINDS)
    .filter(([kind]) => items[kind] > 0)
    .map(
      ([kind, one]) =>
        `${counted(items[kind], one, kind === 'profile' ? undefined : kind)} (${fresh[kind] > 0 ? number(fresh[kind]) : 'none'} new)`,
    )
    .join(', ')

const METRICS = {
  followers_count: 'Followers',
  posts_count: 'Posts',
  views_count: 'Views',
  likes_count: 'Likes',
  following_count: 'Following',
}
export const METRIC_ORDER = Object.keys(METRICS)
/** `avg_watch_time` as `Avg watch time`. */
export const metricName = name =>
  METRICS[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`
