import { h } from './dom.js'
import { besideOf, calledOf, drawSign, isOfProfile } from './sign.js'
import { counted, moment, number, shortDay, when } from './words.js'

/** A line of the table of profiles. */

export const pill = status => h('span', { className: `pill ${status}` }, status)

export const whyOf = job =>
  [
    job.why,
    job.not_before && job.status === 'partial' && `It can go on ${when(job.not_before)}.`,
    job.failing > 0 &&
      `${counted(job.failing, 'thing')} ${job.failing === 1 ? 'fails' : 'fail'} since ${shortDay(job.failing_since)}.`,
  ]
    .filter(Boolean)
    .join(' · ')

/** `chosen` = it is ticked for being laid beside others. */
export const drawRow = ({ entry, chosen }, { show, act, choose }) => {
  const { job, followers_count: followers } = entry
  const called = calledOf(entry)
  const beside = besideOf(entry)
  return h(
    'tr',
    {},
    h(
      'td',
      { className: 'pick' },
      h('input', {
        type: 'checkbox',
        'aria-label': `Choose ${called}`,
        'data-focus': 'choose',
        checked: chosen,
        onchange: ({ target }) => {
          // Of those that can be chosen there may be enough.
          target.checked = choose(entry, target.checked)
        },
      }),
    ),
    h(
      'th',
      { scope: 'row' },
      drawSign(entry.network),
      ' ',
      h(
        'button',
        { type: 'button', className: 'name', 'data-focus': 'name', onclick: () => show(entry) },
        called,
      ),
      beside.length > 0 && h('span', { className: 'beside' }, beside.join(' · ')),
    ),
    h(
      'td',
      { className: 'figure' },
      followers === null || !isOfProfile(entry.entity_id) ? '' : number(followers),
    ),
    h('td', { className: 'state' }, pill(job.status)),
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
            'aria-label': `Resume ${called}`,
            onclick: () => act(`/v1/jobs/${job.id}/resume`),
          },
          'Resume',
        ),
    ),
  )
}
