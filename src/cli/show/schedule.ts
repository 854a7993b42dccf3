import type { Schedules, ScheduleView } from '../../app/schedule/schedules.ts'
import { crontabOf, ownZone, type Starter, unitsOf } from '../../app/schedule/units.ts'
import { STATUSES } from '../../core/task.ts'
import { counted, moment, number, printable } from './text.ts'

/** The words of a schedule for a program. */
export const scheduleJson = ({ items, workers }: Schedules, starter: Starter | null): object => ({
  schedules: items.map(item => ({ ...plain(item), crontab: starter && crontabOf(item, starter) })),
  workers,
})

const plain = ({ last_run, ...schedule }: ScheduleView): object => {
  if (last_run === null) return { ...schedule, last_run }
  const { worker: _worker, order_state: _state, ...run } = last_run
  return { ...schedule, last_run: run }
}

export const addedJson = (added: ScheduleView, starter: Starter | null): object => ({
  schedule: plain(added),
  crontab: starter && crontabOf(added, starter),
  units: starter && unitsOf(added, starter),
})

/** What is told to a person beside what is printed. `workers` = how many are there; null = a file. */
export const addedNote = (
  { name, next_at, time_zone }: ScheduleView,
  workers: number | null,
  forSystemd: boolean,
): string => {
  const stored = `${name} is stored; next at ${moment(next_at)}`
  if (workers !== null) return `${stored}, ${workers === 0 ? NO_WORKER : 'by a worker'}\n`
  if (forSystemd)
    return `${stored}. Save each part under its name, then: systemctl daemon-reload && systemctl enable --now socsync-${name}.timer\n`
  const zone = time_zone === ownZone() ? '' : `${ZONE_NOTE}\n`
  return `${stored}. A file has nobody who starts it: for \`crontab -e\`:\n${zone}`
}

const NO_WORKER = 'once a worker is there: start `socsync worker`'
const ZONE_NOTE =
  "(CRON_TZ is known to cronie: Fedora, RHEL, Arch, openSUSE. The cron of Debian and Ubuntu goes by the machine's time zone alone: give --systemd there)"

/** What starts the runs of a schedule on a file, to be saved or copied. */
export const showStart = (added: ScheduleView, starter: Starter, forSystemd: boolean): string =>
  forSystemd
    ? unitsOf(added, starter)
        .map(({ path, text }) => `# ${path}\n${text}`)
        .join('\n')
    : `${crontabOf(added, starter)}\n`

export const showSchedules = ({ items, workers }: Schedules, starter: Starter | null): string => {
  if (items.length === 0) return 'no schedule yet: `socsync schedule add` makes one\n'
  const lines = items.flatMap(item => [
    `${item.name}  ${item.cron} ${item.time_zone}`,
    `  ${counted(item.profiles, 'profile')}${item.network === null ? '' : ` of ${item.network}`}, ${item.scopes.join(', ')}`,
    `  next      ${moment(item.next_at)}`,
    `  last run  ${lastRun(item)}`,
    ...passedOver(item),
    ...(starter === null
      ? []
      : crontabOf(item, starter)
          .split('\n')
          .map(line => `  crontab   ${line}`)),
  ])
  const note = workers === 0 ? [`no worker is there: nothing is started. ${MISSED}`] : []
  return printable(`${[...lines, ...note].join('\n')}\n`)
}

const MISSED = 'The newest time that was missed is made up for when `socsync worker` is started'

const lastRun = ({ last_run: run }: ScheduleView): string => {
  if (run === null) return 'none yet'
  const counts = STATUSES.flatMap(status =>
    run.jobs[status] ? [`${number(run.jobs[status])} ${status}`] : [],
  )
  const state = { queued: 'waits', running: 'going on', interrupted: 'interrupted', ended: '' }
  const parts = [moment(run.created_at), state[run.state], counts.join(', ')].filter(Boolean)
  return `${run.id} · ${parts.join(' · ')}`
}

/** The newest time, where nothing was started at it. */
const passedOver = ({ passed_over_at: at, last_tick_at: last }: ScheduleView): readonly string[] =>
  at === null || at !== last ? [] : [`  passed over ${moment(at)}: the run before was still going on`]
