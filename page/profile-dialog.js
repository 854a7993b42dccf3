import { get } from './api.js'
import { drawGrowth } from './chart.js'
import { saveCsv } from './csv.js'
import { byId, h } from './dom.js'
import { drawFailing, drawNotAsked, drawUnread, partsOf } from './failing.js'
import { readGrowth } from './growth.js'
import { drawPosts } from './posts.js'
import { pill, whyOf } from './profile-row.js'
import { drawGaps } from './runs.js'
import { besideOf, calledOf, titleOf } from './sign.js'
import { counted, metricName, moment, number } from './words.js'

/** One of the profiles in full. */

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

/** Opens the dialog on a profile, by the entry of the list that it stands in. */
export const showProfile = async (entry, act) => {
  const dialog = byId('detail')
  const { id } = entry.job
  const [job, counters, posts] = await Promise.all([get(`/v1/jobs/${id}`), readGrowth(id), drawPosts(id)])
  const called = calledOf(entry)
  const names = [...counters.keys()]
  const chart = h('div')
  const draw = name => chart.replaceChildren(drawGrowth(name, counters.get(name) ?? [], entry.last_synced_at))
  const select = h(
    'select',
    { id: 'growth-of', onchange: event => draw(event.target.value) },
    names.map(name => h('option', { value: name }, metricName(name))),
  )
  if (names.length > 0) draw(names[0])
  else chart.append(h('p', { className: 'note' }, 'Nothing was counted yet.'))
  const save = () =>
    saveCsv(
      'counters',
      ['network', 'profile', 'profile_id', 'counter', 'observed_at', 'value'],
      [...counters].flatMap(([name, points]) =>
        points.map(({ at, value }) => [entry.network, called, entry.profile_id, name, at, value]),
      ),
    )

  const canResume = job.continued_by === null && ['partial', 'failed'].includes(job.status)
  byId('detail-body').replaceChildren(
    h(
      'header',
      { className: 'detail-head' },
      h('h2', { id: 'detail-title' }, called),
      h(
        'p',
        { className: 'note' },
        `${[titleOf(job.network), ...besideOf(entry)].join(' · ')} · job ${job.id} · run ${job.run_id} · ${job.scopes.join(', ')}`,
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
        names.length > 0 &&
          h(
            'button',
            { type: 'button', className: 'quiet small', 'aria-label': 'All counters as CSV', onclick: save },
            'CSV',
          ),
      ),
      h(
        'section',
        { 'aria-labelledby': 'whole-title' },
        h('h3', { id: 'whole-title' }, 'How whole it is'),
        drawCompleteness(job),
      ),
    ),
    h('section', { 'aria-labelledby': 'posts-title' }, h('h3', { id: 'posts-title' }, 'Newest posts'), posts),
    h(
      'div',
      { className: 'scroll', role: 'region', 'aria-label': 'What was read', tabindex: '0' },
      drawTasks(job.tasks),
    ),
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
    const named = [...rows.querySelectorAll('[data-focus="name"]')].find(name => name.textContent === called)
    const name = same ?? named
    name?.focus()
  }
  if (!dialog.open) dialog.showModal()
}
