import { drop, dropToken, get, hasToken, post, setToken, takeToken, watch } from './api.js'
import { loadChanges } from './changes.js'
import { showComparison } from './compare.js'
import { saveCsv } from './csv.js'
import { byId, h, keyed } from './dom.js'
import { headline } from './headline.js'
import { showProfile } from './profile-dialog.js'
import {
  chosenProfiles,
  drawProfiles,
  loadMoreProfiles,
  loadProfiles,
  openSorting,
  saveProfiles,
} from './profile-list.js'
import { drawNetwork } from './quota.js'
import { noteEvent } from './run-log.js'
import { drawRun, isLive } from './runs.js'
import { drawSchedule } from './schedules.js'
import { knowNetworks } from './sign.js'
import { openStart, tellForms } from './start.js'
import { drawTransform } from './transforms.js'
import { dateline, sum, zone } from './words.js'
import { drawWorker } from './workers.js'

const state = {
  runs: [],
  runsNext: null,
  notWhole: { count: 0, notBefore: null },
  needs: [],
  changesAt: 0,
  open: new Set(),
  details: new Map(),
  watched: new Map(),
}

/* What is drawn */

const drawRuns = () => {
  const shown = state.runs.map(run => ({ ...run, ...state.details.get(run.id), ...live(run) }))
  keyed(
    byId('runs'),
    shown.map(run => ({ run, open: state.open.has(run.id) })),
    ({ run }) => run.id,
    ({ run, open }) => drawRun(run, { open, toggle, act }),
  )
  byId('runs-empty').hidden = shown.length > 0
  byId('runs-more').hidden = state.runsNext === null
  byId('runs-csv').hidden = shown.length === 0
  const { head, deck } = headline(shown, state.notWhole, state.needs)
  say('headline', head)
  say('deck', deck)
  document.title = `${head} · socsync`
}

/** What the list knows is newer than what was looked at in full before. */
const live = ({ state: now, jobs, finished_at, not_before }) => ({
  state: now,
  jobs,
  finished_at,
  not_before,
})

const drawJobs = () => drawProfiles({ show, act })

/** Only what has changed is written: a screen reader is not told the same again. */
const say = (id, text) => {
  if (byId(id).textContent !== text) byId(id).textContent = text
}

/* What is asked */

const guarded = async work => {
  try {
    await work()
    say('live', state.watched.size > 0 ? 'live' : 'up to date')
    byId('live').className = state.watched.size > 0 ? 'live on' : 'live'
  } catch (error) {
    if (error.status === 401) return lock('This token is not the one.')
    byId('live').className = 'live off'
    say('live', error.status === undefined ? 'no connection' : error.message)
  }
}

const loadRuns = async () => {
  const { items, next } = await get('/v1/runs?limit=8')
  const older = state.runs.filter(run => Number(run.id) < Number(items.at(-1)?.id ?? 0))
  if (older.length === 0) state.runsNext = next
  state.runs = [...items, ...older]
  for (const run of items) if (isLive(run)) follow(run.id)
  await Promise.all([...new Set([...state.open, items[0]?.id])].filter(Boolean).map(loadRun))
}

/** A run in full; of an ended one, once. */
const loadRun = async id => {
  const had = state.details.get(id)
  const known = state.runs.find(run => run.id === id)
  if (had !== undefined && had.state === 'ended' && known?.state === 'ended' && !state.stale?.has(id)) return
  state.stale?.delete(id)
  state.details.set(id, await get(`/v1/runs/${id}`))
}

const loadJobs = async () => {
  const [open] = await Promise.all([get('/v1/profiles?status=partial,failed&limit=1'), loadProfiles()])
  state.notWhole = { count: open.total, notBefore: open.not_before }
}

const loadNeeds = async () => {
  state.needs = (await get('/v1/needs')).items
}

/** So often what moved is looked at while nothing ends. */
const CHANGES_MS = 60_000

const loadMoved = async () => {
  if (Date.now() - state.changesAt < CHANGES_MS) return
  state.changesAt = Date.now()
  await loadChanges(state.runs.length === 0)
}

const loadNetworks = async () => {
  const { items } = await get('/v1/networks')
  knowNetworks(items)
  keyed(byId('quota'), items, network => network.name, drawNetwork)
  for (const id of ['filter-network', 'start-network']) {
    const select = byId(id)
    if (select.options.length > 1) continue
    for (const { name, title } of items) select.append(h('option', { value: name }, title))
  }
  tellForms(Object.fromEntries(items.map(({ name, id_forms }) => [name, id_forms])))
}

const loadWorkers = async () => {
  const { items } = await get('/v1/workers')
  keyed(byId('workers'), items, ({ id }) => id, drawWorker)
  byId('workers-part').hidden = items.length === 0
}

let soon = null
/** While one is at work it is looked at more often: there are no events of it. */
const loadTransforms = async () => {
  clearTimeout(soon)
  const { items } = await get('/v1/transforms')
  keyed(
    byId('transforms'),
    items,
    ({ name }) => name,
    one => drawTransform(one, { act }),
  )
  byId('transforms-part').hidden = items.length === 0
  const offered = items.filter(({ version }) => version !== null)
  byId('start-transforms').hidden = offered.length === 0
  if (byId('start-transforms').querySelector('input') === null)
    for (const { name, by_default: checked } of offered)
      byId('start-transforms').append(
        h(
          'label',
          {},
          h('input', { type: 'checkbox', name: 'transforms', value: name, checked }),
          ` ${name}`,
        ),
      )
  if (items.some(({ state: now }) => now === 'working'))
    soon = setTimeout(() => guarded(loadTransforms), 1_000)
}

const loadSchedules = async () => {
  const { items, workers } = await get('/v1/schedules')
  keyed(
    byId('schedules'),
    items.map(schedule => ({ schedule, workers })),
    ({ schedule }) => schedule.name,
    one => drawSchedule(one, { act, remove }),
  )
  byId('schedules-part').hidden = items.length === 0
}

const refresh = () =>
  guarded(async () => {
    await Promise.all([
      ...[loadRuns(), loadJobs(), loadNetworks(), loadNeeds()],
      ...[loadSchedules(), loadTransforms(), loadWorkers()],
    ])
    drawRuns()
    drawJobs()
    await loadMoved()
  })

let pending = null
/** Many events in a second make one question. */
const refreshSoon = () => {
  if (pending !== null) return
  pending = setTimeout(() => {
    pending = null
    void refresh()
  }, 400)
}

/* What is watched */

const follow = id => {
  if (state.watched.has(id)) return
  const end = new AbortController()
  state.watched.set(id, end)
  const hear = (name, data) => {
    noteEvent(id, name, data)
    const run = state.runs.find(known => known.id === id)
    if (run === undefined) return
    if (name === 'progress' || name === 'run' || name === 'end') {
      Object.assign(run, { state: data.state, jobs: data.jobs })
      if (data.finished_at) run.finished_at = data.finished_at
      if (name !== 'progress') state.details.set(id, data)
      drawRuns()
    }
    if (name === 'end') state.changesAt = 0
    if (name === 'job.ended' || name === 'end') refreshSoon()
  }
  void watch(`/v1/runs/${id}/events`, hear, end.signal).finally(() => {
    state.watched.delete(id)
    state.stale = new Set(state.details.keys())
    refreshSoon()
  })
}

/* What a person does */

const toggle = id => {
  if (!state.open.delete(id)) state.open.add(id)
  drawRuns()
  if (state.open.has(id))
    void guarded(async () => {
      await loadRun(id)
      drawRuns()
    })
}

const show = entry => guarded(() => showProfile(entry, act))

const tell = (place, error) => {
  const parts = error.errors?.map(({ place: where, message }) => `${where}: ${message}`) ?? []
  say(place, [error.message, error.hint, ...parts].filter(Boolean).join(' · '))
}

/** Asks for things to be done, one after another; what came of them is read again. */
const act = (...paths) =>
  doing(async () => {
    for (const path of paths) {
      const done = await post(path)
      if (isLive(done)) state.open.add(done.id)
    }
  })

const remove = name => doing(() => drop(`/v1/schedules/${name}`))

const doing = async work => {
  say('trouble', '')
  try {
    await work()
    // What was unfinished is gone on with elsewhere now.
    state.stale = new Set(state.details.keys())
    await refresh()
  } catch (error) {
    if (error.status === 401) lock('')
    else tell('trouble', error)
  }
}

const started = async (made, isLater) => {
  if (!isLater) state.open.add(made.id)
  await refresh()
  byId(isLater ? 'schedules' : 'runs')
    .querySelector('button')
    ?.focus()
}

const loadMoreRuns = async () => {
  const { items, next } = await get(`/v1/runs?limit=8&cursor=${encodeURIComponent(state.runsNext)}`)
  state.runs = [...state.runs, ...items]
  state.runsNext = next
  drawRuns()
}

const RUN_COLUMNS = [
  'id',
  'state',
  'trigger',
  'scopes',
  'networks',
  'created_at',
  'finished_at',
  'not_before',
]
const RUN_COUNTS = ['succeeded', 'partial', 'failed', 'skipped', 'running', 'pending']

/** All runs, and not those alone that are shown. */
const saveRuns = async () => {
  const rows = []
  for (let cursor = ''; ; ) {
    const { items, next } = await get(`/v1/runs?limit=200${cursor}`)
    rows.push(...items)
    if (next === null) break
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
  const cellOf = value => (Array.isArray(value) ? value.join(' ') : value)
  saveCsv(
    'runs',
    [...RUN_COLUMNS, 'profiles', ...RUN_COUNTS],
    rows.map(run => [
      ...RUN_COLUMNS.map(column => cellOf(run[column])),
      sum(run.jobs),
      ...RUN_COUNTS.map(status => run.jobs[status] ?? 0),
    ]),
  )
}

/* Coming in */

let poll = null

const lock = why => {
  dropToken()
  clearInterval(poll)
  clearTimeout(soon)
  for (const end of state.watched.values()) end.abort()
  byId('desk').hidden = true
  byId('gate').hidden = false
  byId('start-open').hidden = true
  say('gate-refused', why)
  say('live', 'locked')
  byId('gate-token').focus()
}

const unlock = () => {
  byId('gate').hidden = true
  byId('desk').hidden = false
  byId('start-open').hidden = false
  clearInterval(poll)
  // Runs of other processes on the same file are noticed too.
  poll = setInterval(() => {
    if (!document.hidden) void refresh()
  }, 5_000)
  return refresh()
}

byId('gate-form').addEventListener('submit', event => {
  event.preventDefault()
  setToken(byId('gate-token').value.trim())
  byId('gate-token').value = ''
  void unlock()
})
openStart({ started, locked: () => lock('') })
byId('runs-more').addEventListener('click', () => guarded(loadMoreRuns))
byId('runs-csv').addEventListener('click', () => guarded(saveRuns))
byId('profiles-csv').addEventListener('click', () => guarded(saveProfiles))
byId('compare-open').addEventListener('click', () => guarded(() => showComparison(chosenProfiles())))
byId('profiles-more').addEventListener('click', () =>
  guarded(async () => {
    await loadMoreProfiles()
    drawJobs()
  }),
)
const filterNow = () =>
  guarded(async () => {
    await loadJobs()
    drawJobs()
  })
byId('filter').addEventListener('submit', event => event.preventDefault())
byId('filter').addEventListener('input', filterNow)
openSorting(filterNow)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && hasToken()) void refresh()
})

say('dateline', `${dateline.format(new Date())}, ${zone()}`)
say('zone', `All times are those of ${zone()}.`)
takeToken()
if (hasToken()) await unlock()
else lock('')
