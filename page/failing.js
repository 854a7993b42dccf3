import { h } from './dom.js'
import { counted, moment, number, shortDay } from './words.js'

/** What keeps failing, what could not be read, and what is not asked for. */

/** Of a gap, the parts of a list that fail, such as days. */
export const partsOf = ({ parts }) => (parts.length === 0 ? '' : ` (${parts.join(', ')})`)

/** One by one up to so many, else by their kinds. */
const FEW = 10

export const drawFailing = failing =>
  failing.count > 0 &&
  h(
    'details',
    { className: 'gaps', open: failing.count <= 3 },
    h('summary', {}, `${counted(failing.count, 'thing')} ${failing.count === 1 ? 'keeps' : 'keep'} failing`),
    h('ul', {}, failing.count <= FEW ? failing.tasks.map(drawTask) : failing.groups.map(drawGroup)),
  )

const drawTask = task =>
  h(
    'li',
    {},
    h('strong', {}, `${task.network} ${nameOf(task)}: `),
    `since ${shortDay(task.failing_since)}, in ${counted(task.failed_runs, 'run')}; ${nextTry(task)}.`,
    task.message ? h('span', { className: 'quote' }, task.message) : '',
  )

const drawGroup = group =>
  h(
    'li',
    {},
    h('strong', {}, `${number(group.count)} × ${group.network} ${group.what}: `),
    `since ${shortDay(group.failing_since)}; ${nextTry(group)}.`,
    group.message ? h('span', { className: 'quote' }, group.message) : '',
  )

const nameOf = ({ what, external_id, post_id, entity_id }) => {
  const mine = external_id === entity_id || external_id === post_id ? '' : ` ${external_id}`
  return `${what}${mine}${post_id === null ? '' : ` of post ${post_id}`} of ${entity_id}`
}

const nextTry = ({ next_try_at: at }) =>
  at === null ? 'the next run tries again' : `tried again from ${moment(at)} on`

export const drawUnread = unread =>
  unread.count > 0 &&
  h(
    'details',
    { className: 'gaps' },
    h(
      'summary',
      {},
      `${counted(unread.count, 'value')} could not be read and ${unread.count === 1 ? 'is' : 'are'} kept aside`,
    ),
    h(
      'ul',
      {},
      unread.examples.map(row =>
        h(
          'li',
          {},
          h('strong', {}, `${row.network} ${row.stream} of ${row.entity_id}, ${row.path}: `),
          row.reason,
        ),
      ),
    ),
  )

export const drawNotAsked = rules =>
  rules.length > 0 &&
  h(
    'details',
    { className: 'gaps' },
    h(
      'summary',
      {},
      `${counted(rules.length, 'thing')} that ${rules.length === 1 ? 'is' : 'are'} not asked for, since the network refused`,
    ),
    h(
      'ul',
      {},
      rules.map(rule =>
        h(
          'li',
          {},
          h('strong', {}, `${rule.network}: `),
          `${rule.fact}, to ${rule.account}; asked for again from ${shortDay(rule.until)} on`,
        ),
      ),
    ),
  )
