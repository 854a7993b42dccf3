import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  calendarOf,
  newestTick,
  nextTick,
  readCron,
  readTimeZone,
} from '../../../../src/app/schedule/cron.ts'
import { crontabOf, unitsOf } from '../../../../src/app/schedule/units.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
/** The ticks after one moment and not after another, by the way on. */
const ticks = (cron: string, timeZone: string, from: string, until: string): (string | null)[] => {
  const found: (string | null)[] = []
  for (let tick = at(from); ; found.push(iso(tick))) {
    tick = nextTick({ cron, timeZone }, tick)
    if (tick > at(until)) return found
  }
}

describe('a cron expression', () => {
  test.each(['0 3 * * *', '*/15 8-18 * jan,Mar-may MON-fri', '0 0 1,15 * *', '5 4 * * 7', '0-30/10 * * * 0'])(
    '%s is one',
    text => {
      expect(readCron(`  ${text.replaceAll(' ', '  ')} `, '--cron')).toBe(text)
    },
  )

  test.each([
    ['', 'it has 1 fields, not five'],
    ['@daily', 'it has 1 fields, not five'],
    ['0 0 3 * * *', 'it has 6 fields, not five'],
    ['60 * * * *', '0-59'],
    ['* 24 * * *', '0-23'],
    ['* * 0 * *', '1-31'],
    ['* * * 13 *', '1-12'],
    ['* * * * 8', '0-7'],
    ['5-1 * * * *', 'Invalid range'],
    ['*/0 * * * *', 'every 0 time'],
    ['0/5 * * * *', '"0/5" is not understood'],
    ['0 0 L * *', '"L" is not understood'],
    ['H 3 * * *', '"H" is not understood'],
    ['0 0 * * mon#2', '"mon#2" is not understood'],
    ['0 0 31 2 *', 'day of month'],
    ['0 0 */2 * mon', 'beside the other kind'],
  ])('%j is none', (text, why) => {
    expect(() => readCron(text, '--cron')).toThrow(`--cron ${JSON.stringify(text)} is no cron expression: `)
    expect(() => readCron(text, '--cron')).toThrow(why)
  })
})

describe('a time zone', () => {
  test.each([
    ['europe/zurich', 'Europe/Zurich'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
    ['utc', 'UTC'],
  ])('%s is %s', (text, zone) => {
    expect(readTimeZone(text, '--time-zone')).toBe(zone)
  })

  test.each(['Mars/Olympus', '+02:00', '', 'Europe'])('%j is none', text => {
    expect(() => readTimeZone(text, '--time-zone')).toThrow(`--time-zone "${text}" is no time zone`)
  })
})

describe('on the days on which clocks change', () => {
  const night = { cron: '30 2 * * *', timeZone: 'Europe/Zurich' }

  test('what falls into the hour that is left out comes after it, once', () => {
    const days = ['2027-03-27T01:30:00.000Z', '2027-03-28T01:30:00.000Z', '2027-03-29T00:30:00.000Z']
    expect(ticks(night.cron, night.timeZone, '2027-03-26T12:00:00Z', '2027-03-29T12:00:00Z')).toEqual(days)
    for (const day of days)
      expect(iso(newestTick(night, at('2027-03-01T00:00:00Z'), at(day) + 3_600_000))).toBe(day)
    expect(iso(newestTick(night, at('2027-03-01T00:00:00Z'), at('2027-03-28T01:29:59Z')))).toBe(days[0])
  })

  test('what falls into the hour that comes twice comes once', () => {
    const days = ['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']
    expect(ticks(night.cron, night.timeZone, '2026-10-23T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual(days)
    for (const day of days)
      expect(iso(newestTick(night, at('2026-10-01T00:00:00Z'), at(day) + 3_600_000))).toBe(day)
    // At the second half past two nothing new is due.
    expect(newestTick(night, at('2026-10-25T00:30:00Z'), at('2026-10-25T12:00:00Z'))).toBeNull()
  })

  test('what comes each hour comes each hour', () => {
    const hours = ticks('30 * * * *', night.timeZone, '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z')
    expect(hours.map(hour => hour?.slice(11, 16))).toEqual([
      '22:30',
      '23:30',
      '00:30',
      '01:30',
      '02:30',
      '03:30',
    ])
  })
})

test('the newest of the times that were missed is found at once, however many there were', () => {
  const since = at('2020-01-01T00:00:00Z')
  const until = at('2026-11-29T12:00:30Z')
  const newest = (cron: string) => iso(newestTick({ cron, timeZone: 'UTC' }, since, until))
  expect(newest('* * * * *')).toBe('2026-11-29T12:00:00.000Z')
  expect(newest('0 3 * * *')).toBe('2026-11-29T03:00:00.000Z')
  expect(newest('59 23 29 2 *')).toBe('2024-02-29T23:59:00.000Z')
  expect(newestTick({ cron: '0 3 * * *', timeZone: 'UTC' }, until, until + 60_000)).toBeNull()
})

const hasSystemd = (() => {
  try {
    execFileSync('systemd-analyze', ['calendar', 'daily', '--iterations=2', '--base-time=2026-01-01'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
})()

describe('for systemd', () => {
  const scheduled = { name: 'nightly', cron: '0 3 * * *', time_zone: 'America/New_York' }
  const starter = {
    program: ['/usr/bin/node', '/opt/a b/socsync.js'],
    db: '/srv/50% $x.db',
    config: '/etc/s.json',
    sandbox: false,
  }

  test('the units start the same command as the crontab, each in its own quotes', () => {
    expect(crontabOf(scheduled, starter)).toBe(
      "CRON_TZ=America/New_York\n0 3 * * * /usr/bin/node '/opt/a b/socsync.js' schedule run-now nightly --db '/srv/50\\% $x.db' --config /etc/s.json --quiet",
    )
    const [service, timer] = unitsOf(scheduled, starter)
    expect(service?.path).toBe('/etc/systemd/system/socsync-nightly.service')
    expect(service?.text).toContain(
      'ExecStart=/usr/bin/node "/opt/a b/socsync.js" schedule run-now nightly --db "/srv/50%% $$x.db" --config /etc/s.json --quiet\n',
    )
    expect(timer?.text).toContain('\nOnCalendar=*-*-* 3:0:00 America/New_York\n')
  })

  test
    .skipIf(!hasSystemd)
    .each(['0 3 * * *', '*/20 8-18 * jan,mar-may mon-fri', '15 4 1,15 * *', '0 0 13 * fri', '30 6 * * 5-7'])(
    '%s means the same to it',
    cron => {
      const timeZone = 'America/New_York'
      const from = '2026-11-29T00:00:00Z'
      const theirs = calendarOf({ cron, timeZone }).flatMap(event => {
        const args = ['calendar', event, '--iterations=6', '--base-time=2026-11-29 00:00:00 UTC']
        const said = execFileSync('systemd-analyze', args, {
          encoding: 'utf8',
          env: { ...process.env, TZ: 'UTC' },
        })
        return [...said.matchAll(/: \w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g)].map(
          ([, day, time]) => `${day}T${time}.000Z`,
        )
      })
      const first = [...new Set(theirs)].sort().slice(0, 5)
      expect(first).toHaveLength(5)
      expect(ticks(cron, timeZone, from, first.at(-1) ?? '')).toEqual(first)
    },
  )
})
