import { get } from './api.js'
import { saveCsv } from './csv.js'
import { byId, keyed } from './dom.js'
import { drawRow } from './profile-row.js'
import { counted, number } from './words.js'

/** The table of profiles: what is looked for, in which order, how many match, and all of that as a file. */

const state = { asked: '', wanted: 0, items: [], next: null, total: 0, chosen: new Map() }

/** So many are shown at first, and with each "more". */
const PAGE = 50
/** So many are given in an answer at most. */
const MOST_GIVEN = 1_000
/** So many are laid beside each other at most. */
const MOST_CHOSEN = 8

/** What the form asks for, as a query. */
const queryOf = () => {
  const query = new URLSearchParams()
  for (const [name, value] of new FormData(byId('filter'))) if (value.trim()) query.set(name, value.trim())
  return query
}

/** Some of what is asked for, from a cursor on; null = from the first. */
const read = (query, limit, cursor) => {
  query.set('limit', String(limit))
  if (cursor !== null) query.set('cursor', cursor)
  return get(`/v1/profiles?${query}`)
}

/** Reads the list anew, as far as it is shown; where something else is asked for, its beginning. */
export const loadProfiles = async () => {
  const asked = queryOf().toString()
  if (asked !== state.asked) Object.assign(state, { asked, wanted: PAGE })
  const items = []
  let found = { next: null }
  do {
    found = await read(queryOf(), Math.min(state.wanted - items.length, MOST_GIVEN), found.next)
    // A slow answer to what is no longer asked is none.
    if (asked !== queryOf().toString()) return
    items.push(...found.items)
  } while (found.next !== null && items.length < state.wanted)
  Object.assign(state, { items, next: found.next, total: found.total })
}

export const loadMoreProfiles = () => {
  state.wanted = state.items.length + PAGE
  return loadProfiles()
}

/** The profile of an entry wherever its job stands by now. */
const keyOf = ({ network, entity_id }) => `${network}:${entity_id}`

export const drawProfiles = ({ show, act }) => {
  const choose = (entry, isChosen) => {
    if (isChosen && state.chosen.size < MOST_CHOSEN) state.chosen.set(keyOf(entry), entry)
    else state.chosen.delete(keyOf(entry))
    drawProfiles({ show, act })
    return state.chosen.has(keyOf(entry))
  }
  keyed(
    byId('rows'),
    state.items.map(entry => ({ entry, chosen: state.chosen.has(keyOf(entry)) })),
    ({ entry }) => entry.job.id,
    one => drawRow(one, { show, act, choose }),
  )
  byId('profiles-empty').hidden = state.items.length > 0
  byId('profiles-more').hidden = state.next === null
  byId('profiles-csv').hidden = state.items.length === 0
  byId('compare-open').hidden = state.chosen.size < 2
  const most = state.chosen.size === MOST_CHOSEN ? ', the most' : ''
  byId('compare-open').textContent = `Compare ${state.chosen.size}${most}`
  const shown = state.items.length < state.total ? `, ${number(state.items.length)} shown` : ''
  const text = `${counted(state.total, 'profile')}${shown}`
  if (byId('profiles-count').textContent !== text) byId('profiles-count').textContent = text
  drawOrder()
}

export const chosenProfiles = () => [...state.chosen.values()]

/** Which column it is ordered by, and where the next click leads. */
const drawOrder = () => {
  const order = byId('filter-sort').value
  for (const button of document.querySelectorAll('[data-sort]')) {
    const name = button.dataset.sort
    const way = order === name ? 'ascending' : order === `-${name}` ? 'descending' : 'none'
    button.parentElement.setAttribute('aria-sort', way)
  }
}

/** A click on a column's name: from its usual end on, and from the other one at the next click. */
export const openSorting = changed => {
  for (const button of document.querySelectorAll('[data-sort]')) {
    const { sort, first } = button.dataset
    button.addEventListener('click', () => {
      const select = byId('filter-sort')
      const other = first === sort ? `-${sort}` : sort
      select.value = select.value === first ? other : first
      changed()
    })
  }
}

const COLUMNS = [
  ...['network', 'entity_id', 'profile_id', 'username', 'name', 'url', 'followers_count', 'posts_count'],
  ...['last_synced_at', 'status', 'why', 'job_id', 'run_id', 'finished_at', 'not_before', 'failing_since'],
]

/** All that match, and not what the page shows of them. */
export const saveProfiles = async () => {
  const rows = []
  for (let cursor = null; ; ) {
    const { items, next } = await read(queryOf(), MOST_GIVEN, cursor)
    for (const { job, ...entry } of items) rows.push({ ...job, ...entry, job_id: job.id })
    if (next === null) break
    cursor = next
  }
  saveCsv(
    'profiles',
    COLUMNS,
    rows.map(row => COLUMNS.map(column => row[column])),
  )
}
