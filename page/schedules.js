import { h } from './dom.js'
import { counted, moment, statusLine, when } from './words.js'

/** Runs at set times: a card each. */

const STATE_WORDS = { queued: 'waits', running: 'going on', interrupted: 'interrupted', ended: '' }

const lastRun = run =>
  run === null
    ? 'not run yet'
    : `last run ${run.id}, ${[moment(run.created_at), STATE_WORDS[run.state], statusLine(run.jobs)].filter(Boolean).join(': ')}`

/** `workers` = how many are there to start it; null = a file, whose runs cron starts. */
export const drawSchedule = ({ schedule, workers }, { act, remove }) => {
  const { name, cron, time_zone: zone, profiles, network, next_at: next, crontab } = schedule
  const passedOver = schedule.passed_over_at !== null && schedule.passed_over_at === schedule.last_tick_at
  return h(
    'article',
    { className: 'card' },
    h('h3', {}, name),
    h(
      'p',
      { className: 'note' },
      `${cron} ${zone} · ${counted(profiles, 'profile')}${network === null ? '' : ` of ${network}`}`,
    ),
    h('p', { className: 'run-line' }, `next ${when(next)}; ${lastRun(schedule.last_run)}`),
    passedOver &&
      h(
        'p',
        { className: 'why' },
        `Nothing was started ${moment(schedule.passed_over_at)}: the run before was still going on.`,
      ),
    workers === 0 &&
      h('p', { className: 'why' }, 'No worker is there to start it: ', h('code', {}, 'socsync worker'), '.'),
    crontab !== null &&
      h(
        'details',
        { className: 'gaps' },
        h('summary', {}, 'What starts it: a line for your crontab'),
        h('pre', { className: 'line-to-copy', tabindex: '0' }, h('code', {}, crontab)),
      ),
    h(
      'div',
      { className: 'actions start' },
      h(
        'button',
        { type: 'button', 'data-focus': 'run', onclick: () => act(`/v1/schedules/${name}/run-now`) },
        `Run ${name} now`,
      ),
      h(
        'button',
        { type: 'button', className: 'quiet', 'data-focus': 'remove', onclick: () => remove(name) },
        `Remove ${name}`,
      ),
    ),
  )
}
