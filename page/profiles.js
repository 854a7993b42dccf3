import { get } from './api.js'
import { drawGrowth } from './chart.js'
import { byId, h } from './dom.js'
import { drawFailing, drawNotAsked, drawUnread, partsOf } from './failing.js'
import { drawGaps } from './runs.js'
import { counted, METRIC_ORDER, metricName, moment, number, shortDay, when } from './words.js'

/** The table of profiles, and one of them in full. */

const pill = status => h('span', { className: `pill ${status}` }, status)

const whyOf = job =>
  [
    job.why,
    job.not_before && job.status === 'partial' && `It can go on ${when(job.not_before)}.`,
    job.failing > 0 &&
      `${counted(job.failing, 'thing')} ${job.failing === 1 ? 'fails' : 'fail'} since ${shortDay(job.failing_since)}.`,
  ]
    .filter(Boolean)
    .join(' · ')

export const drawRow = (job, { show, act }) =>
  h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h(
        'button',
        { type: 'button', className: 'name', 'data-focus': 'name', onclick: () => show(job.id) },
        job.entity_id,
      ),
      h('span', { className: 'network' }, job.network),
    ),
    h('td', {}, pill(job.status)),
    h('td', { className: 'why' }, whyOf(job)),
    h('td', { className: 'time' }, job.finished_at === null ? '' : moment(job.finished_at)),
    h(
      'td',
      { className: 'do' },
      job.resumable &&
        h(
          'button',
          {
            type: 'button',
            'data-focus': 'resume',
            'aria-label': `Resume ${job.entity_id}`,
            onclick: () => act(`/v1/jobs/${job.id}/resume`),
          },
          'Resume',
        ),
    ),
  )

/** How much of what the network says there is lies here. */
const share = (label, stored, declared) => {
  const known = declared !== null && declared > 0
  const part = known ? Math.min(1, stored / declared) : 0
  const gauge = h('div', { className: 'gauge', 'aria-hidden': 'true' }, h('span'))
  gauge.firstChild.style.width = `${part * 100}%`
  return h(
    'div',
    { className: 'pool' },
    h(
      'p',
      { className: 'pool-line' },
      h('span', {}, label),
      h('span', { className: 'figure' }, known ? `${number(stored)} of ${number(declared)}` : number(stored)),
    ),
    known && gauge,
  )
}

const drawCompleteness = ({ completeness: whole, scopes }) =>
  whole === null
    ? h('p', { className: 'note' }, 'Nothing of it is stored yet.')
    : h(
        'div',
        {},
        share('Posts', whole.posts_stored, whole.posts_declared),
        whole.post_gaps.map(gap =>
          h('p', { className: 'note' }, `${counted(gap.posts, 'post')}: ${gap.why}${partsOf(gap)}`),
        ),
        share('Comments', whole.comments_stored, whole.comments_declared),
        whole.comment_gaps
          .filter(gap => gap.comments > 0 && scopes.some(scope => scope === 'comments' || scope === 'all'))
          .map(gap => h('p', { className: 'note' }, `${counted(gap.comments, 'comment')}: ${gap.why}`)),
        h(
          'p',
          { className: 'note' },
          `${counted(whole.media_stored, 'media address', 'media addresses')} stored`,
        ),
      )

const drawTasks = tasks =>
  h(
    'table',
    { className: 'tasks' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['What', 'Status', 'How often', 'Records', 'New', 'Pages'].map(text =>
          h('th', { scope: 'col' }, text),
        ),
      ),
    ),
    h(
      'tbody',
      {},
      tasks.map(task =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, task.kind),
          h('td', {}, pill(task.status)),
          [task.count, task.items, task.new_items, task.pages].map(count =>
            h('td', { className: 'figure' }, number(count)),
          ),
        ),
      ),
    ),
  )

/** Opens the dialog on a job's profile. */
export const showProfile = async (id, act) => {
  const dialog = byId('detail')
  const [job, metrics] = await Promise.all([
    get(`/v1/jobs/${id}`),
    get(`/v1/jobs/${id}/results/metrics?subject=profile&limit=1000`),
  ])
  const byName = Map.groupBy(metrics.items, row => row.name)
  const names = [...byName.keys()].sort((a, b) => rank(a) - rank(b))
  const chart = h('div')
  const draw = name =>
    chart.replaceChildren(
      drawGrowth(
        name,
        (byName.get(name) ?? []).map(row => ({ at: row.observed_at, value: row.value })),
      ),
    )
  const select = h(
    'select',
    { id: 'growth-of', onchange: event => draw(event.target.value) },
    names.map(name => h('option', { value: name }, metricName(name))),
  )
  if (names.length > 0) draw(names[0])
  else chart.append(h('p', { className: 'note' }, 'Nothing was counted yet.'))

  const canResume = job.continued_by === null && ['partial', 'failed'].includes(job.status)
  byId('detail-body').replaceChildren(
    h(
      'header',
      { className: 'detail-head' },
      h('h2', { id: 'detail-title' }, job.entity_id),
      h(
        'p',
        { className: 'note' },
        `${job.network} · job ${job.id} · run ${job.run_id} · ${job.scopes.join(', ')}`,
      ),
    ),
    h(
      'p',
      { className: 'why' },
      pill(job.status),
      ' ',
      whyOf({ ...job, failing: 0 }) ||
        (job.finished_at === null ? 'Under way.' : `Done ${moment(job.finished_at)}.`),
    ),
    job.error_message ? h('p', { className: 'note quote' }, job.error_message) : '',
    h(
      'div',
      { className: 'detail-columns' },
      h(
        'section',
        { 'aria-labelledby': 'growth-title' },
        h(
          'div',
          { className: 'line' },
          h('h3', { id: 'growth-title' }, 'Growth'),
          names.length > 1 && h('label', { for: 'growth-of', className: 'hidden' }, 'Which counter'),
          names.length > 1 && select,
        ),
        chart,
      ),
      h(
        'section',
        { 'aria-labelledby': 'whole-title' },
        h('h3', { id: 'whole-title' }, 'How whole it is'),
        drawCompleteness(job),
      ),
    ),
    drawTasks(job.tasks),
    drawFailing(job.failing) || '',
    drawUnread(job.unread) || '',
    drawNotAsked(job.not_asked) || '',
    job.gaps.length > 0 ? drawGaps(job.gaps) : '',
    h(
      'div',
      { className: 'actions' },
      h('button', { type: 'button', className: 'quiet', onclick: () => dialog.close() }, 'Close'),
      canResume
        ? h(
            'button',
            {
              type: 'button',
              className: 'primary',
              onclick: async () => {
                dialog.close()
                await act(`/v1/jobs/${job.id}/resume`)
              },
            },
            'Resume',
          )
        : '',
    ),
  )
  dialog.onclose = () => {
    // The row that it was opened from may have been drawn anew meanwhile, or that of a newer job be there in its place: then the
    // focus is nowhere.
    const at = document.activeElement
    if (at !== document.body && !dialog.contains(at)) return
    const rows = byId('rows')
    const same = rows.querySelector(`[data-key="${id}"] [data-focus="name"]`)
    const named = [...rows.querySelectorAll('[data-focus="name"]')].find(
      name => name.textContent === job.entity_id && name.nextElementSibling?.textContent === job.network,
    )
    const name = same ?? named
    name?.focus()
  }
  if (!dialog.open) dialog.showModal()
}

const rank = name => {
  const at = METRIC_ORDER.indexOf(name)
  return at === -1 ? METRIC_ORDER.length : at
}
