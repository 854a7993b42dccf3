import { statusBar } from './bar.js'
import { h } from './dom.js'
import { drawFailing, drawNotAsked, drawUnread, partsOf } from './failing.js'
import { NAMED } from './headline.js'
import { drawLog } from './run-log.js'
import { counted, duration, itemLine, moment, number, STATUSES, statusLine, sum, when } from './words.js'

/** The list of runs: each with a bar of its jobs, and, opened, what came, what is missing and what to do. */

const STATE_WORDS = { queued: 'waits', running: 'running', ended: '', interrupted: 'interrupted' }

export const isLive = run => run.state === 'running' || run.state === 'queued'

export const drawRun = (run, { open, toggle, act }) => {
  const done = sum(run.jobs) - (run.jobs.running ?? 0) - (run.jobs.pending ?? 0)
  const word =
    isLive(run) && sum(run.jobs) > 0 ? `${number(done)} of ${number(sum(run.jobs))}` : STATE_WORDS[run.state]
  const took =
    run.finished_at === null ? '' : ` · ${duration(Date.parse(run.finished_at) - Date.parse(run.created_at))}`
  const panel = `run-${run.id}`
  return h(
    'li',
    { className: `run ${run.state}` },
    h(
      'button',
      {
        type: 'button',
        className: 'run-head',
        'aria-expanded': String(open),
        'aria-controls': panel,
        'data-focus': 'head',
        onclick: () => toggle(run.id),
      },
      h('span', { className: 'run-name' }, `Run ${run.id}`),
      h('span', { className: 'run-time' }, `${moment(run.created_at)}${took}`),
      h('span', { className: `run-state ${run.state}` }, word),
    ),
    statusBar(
      STATUSES.map(status => [status, run.jobs[status]]),
      run.state === 'running',
    ),
    h(
      'p',
      { className: 'run-line' },
      statusLine(run.jobs) || (run.state === 'queued' ? 'waits for its turn' : 'no profiles'),
      run.networks.length > 0 ? ` · ${run.networks.join(', ')}` : '',
    ),
    h('div', { id: panel, hidden: !open }, open ? drawOpen(run, act) : ''),
  )
}

const drawOpen = (run, act) => {
  if (run.cost === undefined) return h('p', { className: 'note' }, '…')
  const came = itemLine(run.items, run.new_items)
  const calls = run.cost.reduce((total, cost) => total + cost.calls, 0)
  return h(
    'div',
    { className: 'run-body' },
    run.failure && h('p', { className: 'refused' }, `It ended too early: ${run.failure.message}.`),
    run.continued_by && h('p', {}, `The server was started anew: run ${run.continued_by} went on with it.`),
    h('p', {}, `${came || 'Nothing'} came${isLive(run) ? ' so far' : ''}, by ${counted(calls, 'call')}.`),
    run.errors.map(error =>
      h(
        'p',
        { className: 'why' },
        h('strong', {}, `${counted(error.jobs, 'profile')} of ${error.network}: `),
        error.hint ?? error.error_type,
        error.not_before ? h('span', { className: 'on' }, ` It can go on ${when(error.not_before)}.`) : '',
        error.message ? h('span', { className: 'quote' }, error.message) : '',
      ),
    ),
    run.completeness && drawPosts(run.completeness),
    drawFailing(run.failing),
    drawUnread(run.unread),
    drawNotAsked(run.not_asked),
    run.gaps.length > 0 && drawGaps(run.gaps),
    drawLog(run),
    h(
      'div',
      { className: 'actions start' },
      isLive(run) &&
        h(
          'button',
          { type: 'button', 'data-focus': 'cancel', onclick: () => act(`/v1/runs/${run.id}/cancel`) },
          'Stop',
        ),
      !isLive(run) &&
        run.resumable > 0 &&
        h(
          'button',
          {
            type: 'button',
            className: 'primary',
            'data-focus': 'resume',
            onclick: () => act(`/v1/runs/${run.id}/resume`),
          },
          `Resume ${counted(run.resumable, 'profile')}`,
        ),
    ),
  )
}

/** Posts against what the networks declare, and why the rest is not here. */
const drawPosts = ({ posts_declared: declared, posts_stored: stored, post_gaps: gaps }) =>
  gaps.length > 0 &&
  h(
    'p',
    {},
    `${number(stored)} of ${number(declared)} posts are here. `,
    gaps.map(gap => `${number(gap.posts)} ${gap.reason}: ${gap.why}${partsOf(gap)}.`).join(' '),
  )

export const drawGaps = gaps =>
  h(
    'details',
    { className: 'gaps' },
    h('summary', {}, `${counted(gaps.length, 'thing')} the networks did not give`),
    h(
      'ul',
      {},
      gaps.map(gap =>
        h(
          'li',
          {},
          h('strong', {}, `${number(gap.count)} × ${gap.network} ${gap.what}: `),
          gap.why,
          NAMED.has(gap.what) ? ` (${gap.examples.join(', ')})` : '',
        ),
      ),
    ),
  )
