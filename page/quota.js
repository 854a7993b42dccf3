import { h } from './dom.js'
import { moment, number, when } from './words.js'

/** What each network can still be asked, a card each. */
export const drawNetwork = network =>
  h(
    'article',
    { className: 'card' },
    h('h3', {}, network.title),
    network.has_credential
      ? network.quota.map(pool => drawPool(pool, ownersOf(network) > 1))
      : h('p', { className: 'note' }, 'no credential: set one and start the server anew'),
  )

const ownersOf = ({ quota }) => new Set(quota.map(({ owner }) => owner)).size

/** `isOneOfSeveral` = others have a pool of this name, too: it is told whose this one is. */
const drawPool = (pool, isOneOfSeveral) => {
  const left = pool.allowance === null ? null : Math.max(0, pool.allowance - pool.used)
  const share = left === null ? null : left / Math.max(1, pool.allowance)
  const closed = pool.exhausted_until !== null
  const name = pool.pool.length > 24 ? `${pool.pool.slice(0, 23)}…` : pool.pool
  const words =
    left === null ? `${number(pool.used)} used` : `${number(closed ? 0 : left)} of ${number(pool.allowance)}`
  const gauge = h(
    'div',
    { className: closed || (share !== null && share < 0.1) ? 'gauge low' : 'gauge', 'aria-hidden': 'true' },
    h('span'),
  )
  gauge.firstChild.style.width = `${(closed ? 0 : (share ?? 0)) * 100}%`
  return h(
    'div',
    { className: 'pool' },
    h(
      'p',
      { className: 'pool-line' },
      h('span', { title: pool.pool }, name),
      h('span', { className: 'figure' }, words),
    ),
    isOneOfSeveral && h('p', { className: 'note' }, `of ${pool.owner}`),
    share === null ? null : gauge,
    closed
      ? h('p', { className: 'note on' }, `used up; open again ${when(pool.exhausted_until)}`)
      : pool.used > 0 && h('p', { className: 'note' }, `counts anew at ${moment(pool.resets_at)}`),
  )
}
