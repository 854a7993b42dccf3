import { userInfo } from 'node:os'
import { shellWord } from '../config/shell-word.ts'
import { calendarOf } from './cron.ts'
import type { ScheduleView } from './schedules.ts'

/** What of a schedule says when, and what is started then. */
type Scheduled = Pick<ScheduleView, 'name' | 'cron' | 'time_zone'>

/** What starts the runs of a schedule of a file. All paths are absolute: it is started from elsewhere. */
export interface Starter {
  /** Node.js and the script of socsync. */
  readonly program: readonly string[]
  readonly db: string
  readonly config: string | null
  /** Whether it asks the sandbox. */
  readonly sandbox: boolean
}

const commandOf = (name: string, { program, db, config, sandbox }: Starter): readonly string[] => [
  ...program,
  ...['schedule', 'run-now', name, '--db', db],
  ...(config === null ? [] : ['--config', config]),
  ...(sandbox ? ['--sandbox'] : []),
  '--quiet',
]

/** The lines of a crontab that start a schedule's runs; `CRON_TZ` where this machine's own time zone is another one. */
export const crontabOf = (schedule: Scheduled, starter: Starter): string => {
  const { name, cron, time_zone } = schedule
  // In a crontab a % ends the command.
  const line = `${cron} ${commandOf(name, starter).map(shellWord).join(' ').replaceAll('%', '\\%')}`
  return time_zone === ownZone() ? line : `CRON_TZ=${time_zone}\n${line}`
}

/** The time zone that this machine's cron goes by. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** A file of systemd: where it belongs, and its text. */
export interface Unit {
  readonly path: string
  readonly text: string
}

/** The timer and the service that start a schedule's runs, as this user; what was missed while the machine was off is made up for once. */
export const unitsOf = (schedule: Scheduled, starter: Starter): readonly Unit[] => {
  const { name, cron, time_zone: timeZone } = schedule
  const unit = `/etc/systemd/system/socsync-${name}`
  const service = [
    '[Unit]',
    `Description=socsync: schedule ${name}`,
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `User=${userInfo().username}`,
    `ExecStart=${commandOf(name, starter).map(unitWord).join(' ')}`,
    '# A used up quota is no failure: the next run goes on.',
    'SuccessExitStatus=75',
    'TimeoutStopSec=60',
  ]
  const timer = [
    '[Unit]',
    `Description=socsync: times of schedule ${name}`,
    '',
    '[Timer]',
    ...calendarOf({ cron, timeZone }).map(event => `OnCalendar=${event}`),
    'Persistent=true',
    'AccuracySec=1s',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]
  return [
    { path: `${unit}.service`, text: `${service.join('\n')}\n` },
    { path: `${unit}.timer`, text: `${timer.join('\n')}\n` },
  ]
}

const unitWord = (word: string): string => {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$-]+$/.test(escaped) ? escaped : `"${escaped}"`
}
