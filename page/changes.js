import { get } from './api.js'
import { saveCsv } from './csv.js'
import { byId, h } from './dom.js'
import { drawSign } from './sign.js'
import { counted, metricName, moment, number, signed } from './words.js'

/** What moved since yesterday: a sentence of counts, and who moved most. */

/** So many profiles of a counter are asked for, and so many lines shown. */
const MOST = 100
const SHOWN = 8

const WORDS = {
  new: ['new', { profile: ['profile'], post: ['post'], comment: ['comment'] }],
  edited: ['edited', { profile: ['bio or name', 'bios or names'], post: ['caption'], comment: ['comment'] }],
  gone: ['gone', { profile: ['profile'], post: ['post'], media: ['picture'], comment: ['comment'] }],
  back: ['back again', { profile: ['profile'], post: ['post'], media: ['picture'], comment: ['comment'] }],
}

/** `12 new posts, 3 comments gone` of all networks together. */
const sentenceOf = ({ counts }) =>
  Object.entries(WORDS)
    .flatMap(([change, [word, subjects]]) =>
      Object.entries(subjects).map(([subject, names]) => {
        const count = counts
          .filter(one => one.change === change && one.subject === subject)
          .reduce((sum, one) => sum + one.count, 0)
        if (count === 0) return null
        return change === 'new'
          ? `${number(count)} new ${count === 1 ? names[0] : (names[1] ?? `${names[0]}s`)}`
          : `${counted(count, ...names)} ${word}`
      }),
    )
    .filter(Boolean)
    .join(', ')

const FIRST = ['followers_count', 'views_count', 'likes_count', 'posts_count', 'following_count']
const rank = field => (FIRST.indexOf(field) + FIRST.length + 1) % (FIRST.length + 1)

/** Counters of profiles, followers first, in each the largest moves first. */
const linesOf = ({ movers }) =>
  movers
    .filter(({ subject }) => subject === 'profile')
    .sort((a, b) => rank(a.field) - rank(b.field))
    .flatMap(({ field, largest }) => largest.map(change => ({ ...change, field })))

/** How many counters of profiles moved, shown or not. */
const totalOf = ({ movers }) =>
  movers
    .filter(({ subject }) => subject === 'profile')
    .reduce((sum, { up, down, hidden, shown }) => sum + up + down + hidden + shown, 0)

const drawLine = change =>
  h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      drawSign(change.network),
      ' ',
      change.profile ?? change.profile_id,
      change.profile === null || change.profile === change.profile_id
        ? ''
        : h('span', { className: 'beside' }, change.profile_id),
    ),
    h('td', {}, metricName(change.field)),
    h('td', { className: 'figure' }, change.from === null ? 'hidden' : number(change.from)),
    h('td', { className: 'figure' }, change.to === null ? 'hidden' : number(change.to)),
    h(
      'td',
      { className: 'figure' },
      change.difference === null ? '' : signed(change.difference),
      change.percent === null ? '' : h('span', { className: 'beside' }, `${signed(change.percent)} %`),
    ),
  )

const COLUMNS = ['network', 'profile', 'profile_id', 'field', 'from', 'to', 'difference', 'percent', 'at']

const save = lines =>
  saveCsv(
    'moved',
    COLUMNS,
    lines.map(line => COLUMNS.map(column => line[column])),
  )

/** Asks and draws; `isEmpty` = nothing was ever fetched, and there is nothing to tell. */
export const loadChanges = async isEmpty => {
  const part = byId('changes-part')
  if (isEmpty) {
    part.hidden = true
    return
  }
  const changes = await get(`/v1/changes?limit=${MOST}`)
  const lines = linesOf(changes)
  const told = sentenceOf(changes)
  const shown = lines.slice(0, SHOWN)
  const state = JSON.stringify([changes.since, told, lines])
  if (part.dataset.state === state) return
  part.dataset.state = state
  byId('changes').replaceChildren(
    h(
      'p',
      { className: 'told' },
      `Since ${moment(changes.since)}: ${told || (lines.length === 0 ? 'nothing moved' : 'nothing new')}.`,
    ),
    lines.length === 0
      ? ''
      : h(
          'div',
          { className: 'scroll', role: 'region', 'aria-labelledby': 'changes-title', tabindex: '0' },
          h(
            'table',
            { className: 'moved' },
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                ['Profile', 'Counter', 'Before', 'Now', 'Moved'].map(text => h('th', { scope: 'col' }, text)),
              ),
            ),
            h('tbody', {}, shown.map(drawLine)),
          ),
        ),
    lines.length === 0
      ? ''
      : h(
          'div',
          { className: 'actions start' },
          totalOf(changes) > shown.length &&
            h(
              'p',
              { className: 'note' },
              `${shown.length} of ${number(totalOf(changes))} counters that moved.`,
            ),
          h(
            'button',
            {
              type: 'button',
              className: 'quiet',
              'aria-label': 'What moved as CSV',
              onclick: () => save(lines),
            },
            'CSV',
          ),
        ),
  )
  part.hidden = false
}
