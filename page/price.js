import { h } from './dom.js'
import { titleOf } from './sign.js'
import { counted, duration, moment, number } from './words.js'

/** What a run would cost, network by network: before it is started. */
export const drawPrice = plan =>
  h(
    'div',
    { className: 'price' },
    plan.networks.map(drawNetwork),
    plan.networks.length > 1 && h('p', { className: 'price-sum' }, `Together ${span(plan.units, 'unit')}.`),
  )

const drawNetwork = of => {
  const assumed = of.assumptions.map(sayAssumption)
  return h(
    'section',
    {},
    h(
      'p',
      {},
      h('strong', {}, `${titleOf(of.network)}: ${span(of.calls, 'call')}`),
      `, ${span(of.seconds, null, lengthOf)}`,
    ),
    h('p', { className: 'note' }, `${listedOf(of)}.`),
    of.pools.map(pool => h('p', { className: 'note' }, sayPool(pool, of.pools.length > 1))),
    assumed.length > 0 &&
      h('p', { className: 'note' }, `Not known, and reckoned with: ${assumed.join('; ')}.`),
    of.incremental > 0 &&
      h('p', { className: 'note' }, 'What is new or has changed since the last run comes on top.'),
  )
}

/** The same in a line: `2 to 201 calls, most likely 9`. */
export const sumOf = plan => span(plan.units, 'call')

const lengthOf = seconds => (seconds < 1 ? 'under a second' : duration(seconds * 1000))

/** `1,204 calls`; `800 to 2,000 calls, most likely 1,204` where that is not so sure. */
const span = ({ low, likely, high }, one, say = value => number(tidy(value))) => {
  const word = one === null ? '' : ` ${tidy(high) === 1 ? one : `${one}s`}`
  const [from, most, to] = [say(low), say(likely), say(high)]
  if (from === to) return `${most}${word}`
  return `${from} to ${to}${word}, most likely ${most}`
}

const tidy = value => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value))

const listedOf = ({ profiles, posts, playlists, tags, searches, stored, incremental, continued }) =>
  [
    (profiles > 0 || posts + playlists + tags + searches === 0) && counted(profiles, 'profile'),
    posts > 0 && counted(posts, 'post'),
    playlists > 0 && counted(playlists, 'playlist'),
    tags > 0 && counted(tags, 'tag'),
    searches > 0 && counted(searches, 'search', 'searches'),
    `${stored === profiles + posts + playlists + tags + searches ? 'all' : stored === 0 ? 'none' : number(stored)} stored`,
    incremental > 0 &&
      `${number(incremental)} read from where ${incremental === 1 ? 'it was' : 'they were'} left`,
    continued > 0 && `${number(continued)} unfinished and gone on with`,
  ]
    .filter(Boolean)
    .join(', ')

const OPEN = { day: 'today', hour: 'this hour', minute: 'this minute' }

const sayPool = ({ pool, units, allowance, window, left, windows, done_at: doneAt }, isOneOfSeveral) => {
  const what = `${span(units, 'unit')}${isOneOfSeveral ? ` of ${pool}` : ''}`
  if (allowance === null || left === null) return `${what}; the network does not tell how many there are.`
  const of = `${what} of the ${number(allowance)} a ${window}; ${OPEN[window]} ${number(left)} are left`
  if (windows > 1) return `${of}: that takes ${counted(windows, window)}, until about ${moment(doneAt)}.`
  return units.high > left ? `${of}: most likely enough.` : `${of}: enough.`
}

const ASSUMED = {
  posts_per_profile: { per: 1, words: 'posts of a profile' },
  comments_per_post: { per: 1, words: 'comments of a post' },
  threads_per_comment: { per: 100, words: 'of 100 comments are no replies' },
  reply_calls_per_comment: { per: 100, words: 'calls for the replies to 100 comments' },
}

const sayAssumption = ({ name, measured_on: measuredOn, low, likely, high }) => {
  const { per, words } = ASSUMED[name] ?? { per: 1, words: name.replaceAll('_', ' ') }
  const scaled = { low: low * per, likely: likely * per, high: high * per }
  return `${span(scaled, null)} ${words}${measuredOn > 0 ? ` (measured on ${number(measuredOn)})` : ''}`
}
