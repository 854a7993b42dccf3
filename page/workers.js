import { h } from './dom.js'
import { counted, moment, number } from './words.js'

/** Who works on the database, a card each: what it sees to, and what it reads now. */

const STATE_WORDS = { lives: '', frozen: 'stands still', gone: 'gone', unknown: 'not heard of' }

const STATE_NOTES = {
  frozen: 'Its lease is over: others may take over what it holds.',
  gone: 'It ended without saying so: others take over what it held.',
  unknown: 'Its lease is over; a replica of the database knows no more of it.',
}

const PURPOSES = { worker: 'Worker', run: 'Run', server: 'Server' }

/** Of which workers the lists are unfolded: a card is drawn anew whenever something of it moves. */
const unfolded = new Set()

export const drawWorker = worker => {
  const { purpose, host, pid, state, started_at: since, runs, walks, walk_count: count } = worker
  const told = doing(runs) || (state === 'lives' && count === 0 ? 'waits for work' : '')
  return h(
    'article',
    { className: 'card' },
    h(
      'div',
      { className: 'pool-line' },
      h('h3', {}, `${PURPOSES[purpose]} on ${host}`),
      h('span', { className: `run-state ${state}` }, STATE_WORDS[state]),
    ),
    h('p', { className: 'note' }, `pid ${pid}, since ${moment(since)}`),
    STATE_NOTES[state] && h('p', { className: 'note on' }, STATE_NOTES[state]),
    told && h('p', { className: 'run-line' }, told),
    count > 0 &&
      h(
        'details',
        {
          className: 'gaps',
          open: unfolded.has(worker.id),
          ontoggle: ({ target }) => (target.open ? unfolded.add(worker.id) : unfolded.delete(worker.id)),
        },
        h('summary', { 'data-focus': 'walks' }, `${counted(count, 'list')} being read`),
        h(
          'ul',
          {},
          walks.map(drawWalk),
          count > walks.length && h('li', {}, `and ${number(count - walks.length)} more`),
        ),
      ),
  )
}

const doing = runs => (runs.length > 0 ? `sees to run ${runs.join(', ')}` : '')

const drawWalk = ({ network, stream, entity_id, profiles, credential, started_at: since }) =>
  h(
    'li',
    {},
    h('strong', {}, `${network} ${stream}: `),
    entity_id,
    profiles > 1 ? ` and ${number(profiles - 1)} more` : '',
    `, since ${moment(since)}`,
    credential && `, credential ${credential}`,
  )
