import { CronExpressionParser } from 'cron-parser'
import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { quote } from '../config/quote.ts'

/** When something is done: five fields as a crontab has them, by the clocks of a time zone. */
export interface CronTime {
  readonly cron: string
  readonly timeZone: string
}

const MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const DAYS = 'sun|mon|tue|wed|thu|fri|sat'
const NAMES: readonly (string | null)[] = [null, null, null, MONTHS, DAYS]
const HINT =
  'five fields: minute 0-59, hour 0-23, day of the month 1-31, month 1-12, day of the week 0-7, each *, a number, a-b, */n or several with commas'

/**
 * A cron expression that crontabs, systemd and the library read alike: nothing that only some of them know, such as `@daily`, `L` or
 * seconds. BadInput that names the `place`.
 */
export const readCron = (text: string, place: string): string => {
  const refuse = (why: string, hint = HINT): BadInput =>
    new BadInput(`${place} ${quote(text)} is no cron expression: ${why}`, { hint })
  const fields = text.trim().split(/\s+/)
  if (fields.length !== NAMES.length) throw refuse(`it has ${fields.length} fields, not five`)
  for (const [at, field] of fields.entries()) {
    const value = `(?:\\d{1,2}${NAMES[at] === null ? '' : `|${NAMES[at]}`})`
    const part = `(?:(?:\\*|${value}-${value})(?:/\\d{1,2})?|${value})`
    if (!new RegExp(`^${part}(?:,${part})*$`, 'i').test(field))
      throw refuse(`${quote(field)} is not understood`)
  }
  const [, , monthDay = '', , weekDay = ''] = fields
  // Some take such a field for every day and join the two by "and", others by "or".
  if (monthDay !== '*' && weekDay !== '*' && /\*/.test(monthDay + weekDay))
    throw refuse('it has */n for one kind of day beside the other kind', 'one of the two must be *')
  const cron = fields.join(' ')
  try {
    CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(0) }).next()
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  return cron
}

/** A time zone of the IANA's list, such as `Europe/Zurich` or `UTC`; BadInput that names the `place`. */
export const readTimeZone = (text: string, place: string): string => {
  const given = text.trim()
  try {
    // A difference such as +02:00 has no summer; neither cron nor systemd takes it.
    if (!/^[A-Za-z]/.test(given)) throw new RangeError(given)
    const known = new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone
    return known.toLowerCase() === given.toLowerCase() ? known : given
  } catch {
    const meant = nearest(given, Intl.supportedValuesOf('timeZone'))
    throw new BadInput(`${place} ${quote(text)} is no time zone`, {
      hint: meant === null ? 'such as Europe/Zurich, America/New_York or UTC' : `did you mean ${meant}?`,
    })
  }
}

/** The first tick after a moment, epoch ms. What falls into an hour that is left out in spring comes after it; an hour that comes twice in autumn counts once. */
export const nextTick = ({ cron, timeZone }: CronTime, after: number): number =>
  CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(after) })
    .next()
    .getTime()

/** More than clocks are ever set forward or back. */
const CHANGE_MS = 3 * 3_600_000

/** The newest tick after one moment and not after another, epoch ms; null = there was none. */
export const newestTick = (time: CronTime, after: number, until: number): number | null => {
  let tick = nextTick(time, after)
  if (tick > until) return null
  // The library's way back leaves out, or brings twice, what a change of clocks moved: from before that its way on counts.
  const { cron, timeZone } = time
  const about = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(until + 1) }).prev()
  if (about.getTime() - CHANGE_MS > tick) tick = nextTick(time, about.getTime() - CHANGE_MS)
  for (;;) {
    const next = nextTick(time, tick)
    if (next > until) return tick
    tick = next
  }
}

/** The same as calendar events of systemd: where both kinds of day are named either will do, which takes two. */
export const calendarOf = ({ cron, timeZone }: CronTime): readonly string[] => {
  const [minute = '', hour = '', monthDay = '', month = '', weekDay = ''] = cron.split(' ')
  const { fields } = CronExpressionParser.parse(cron, { tz: 'UTC' })
  const list = (field: string, values: readonly (number | string)[]): string =>
    field === '*' ? '*' : [...new Set(values)].join(',')
  const days = fields.dayOfWeek.values.map(day => WEEK[Number(day) % 7] ?? '')
  const date = (ofMonth: string): string =>
    `*-${list(month, fields.month.values)}-${list(ofMonth, fields.dayOfMonth.values)}`
  const time = `${list(hour, fields.hour.values)}:${list(minute, fields.minute.values)}:00 ${timeZone}`
  const ofWeek = weekDay === '*' ? '' : `${[...new Set(days)].join(',')} `
  return ofWeek !== '' && monthDay !== '*'
    ? [`${date(monthDay)} ${time}`, `${ofWeek}${date('*')} ${time}`]
    : [`${ofWeek}${date(monthDay)} ${time}`]
}

const WEEK: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
