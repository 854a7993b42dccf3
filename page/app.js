import { drop, dropToken, get, hasToken, post, setToken, takeToken, watch } from './api.js'
import { byId, h, keyed } from './dom.js'
import { headline } from './headline.js'
import { drawRow, showProfile } from './profiles.js'
import { drawNetwork } from './quota.js'
import { drawRun, isLive } from './runs.js'
import { drawSchedule } from './schedules.js'
import { drawTransform } from './transforms.js'
import { counted, dateline } from './words.js'
import { drawWorker } from './workers.js'

const state = {
  runs: [],
  runsNext: null,
  jobs: [],
  jobsNext: null,
  notWhole: { count: 0, more: false, notBefore: null },
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
  const { head, deck } = headline(shown, state.notWhole)
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

const drawJobs = () => {
  keyed(
    byId('rows'),
    state.jobs,
    job => job.id,
    job => drawRow(job, { show, act }),
  )
  byId('profiles-empty').hidden = state.jobs.length > 0
  byId('profiles-more').hidden = state.jobsNext === null
  say('profiles-count', `${counted(state.jobs.length, 'profile')}${state.jobsNext === null ? '' : ' shown'}`)
}

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

const filterQuery = () => {
  const query = new URLSearchParams({ limit: '50' })
  for (const [name, value] of new FormData(byId('filter'))) if (value.trim()) query.set(name, value.trim())
  return query
}

const loadJobs = async () => {
  const asked = filterQuery().toString()
  const [{ items, next }, open] = await Promise.all([
    get(`/v1/jobs?${asked}`),
    get('/v1/jobs?status=partial,failed&limit=200'),
  ])
  // A slow answer to what is no longer asked is none.
  if (asked !== filterQuery().toString()) return
  state.jobs = items
  state.jobsNext = next
  const later = open.items
    .map(job => job.not_before)
    .filter(Boolean)
    .sort()
  state.notWhole = { count: open.items.length, more: open.next !== null, notBefore: later[0] ?? null }
}

const loadNetworks = async () => {
  const { items } = await get('/v1/networks')
  keyed(byId('quota'), items, network => network.name, drawNetwork)
  for (const id of ['filter-network', 'start-network']) {
    const select = byId(id)
    if (select.options.length > 1) continue
    for (const { name, title } of items) select.append(h('option', { value: name }, title))
  }
  state.forms = Object.fromEntries(items.map(({ name, id_forms }) => [name, id_forms]))
  tellForms()
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
      ...[loadRuns(), loadJobs(), loadNetworks()],
      ...[loadSchedules(), loadTransforms(), loadWorkers()],
    ])
    drawRuns()
    drawJobs()
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
    const run = state.runs.find(known => known.id === id)
    if (run === undefined) return
    if (name === 'progress' || name === 'run' || name === 'end') {
      Object.assign(run, { state: data.state, jobs: data.jobs })
      if (data.finished_at) run.finished_at = data.finished_at
      if (name !== 'progress') state.details.set(id, data)
      drawRuns()
    }
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

const show = id => guarded(() => showProfile(id, act))

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

const tellForms = () => {
  const chosen = byId('start-network').value
  say(
    'start-forms',
    chosen ? (state.forms?.[chosen] ?? '') : 'such as youtube:@nasa, or the address of the profile',
  )
}

const start = async event => {
  event.preventDefault()
  say('start-refused', '')
  const form = new FormData(event.target)
  const ids = form
    .get('ids')
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  const body = { ids, scope: [form.get('scope')], fresh: form.get('fresh') !== null }
  if (form.get('network')) body.network = form.get('network')
  if (form.get('since')) body.since = form.get('since')
  // Where none is ticked none is wanted, whatever `serve --transform` says.
  body.transforms = form.getAll('transforms')
  const later = byId('start-later').open
  if (later) for (const name of ['name', 'cron', 'time_zone']) body[name] = form.get(name)
  try {
    const made = await post(later ? '/v1/schedules' : '/v1/runs', body)
    if (!later) state.open.add(made.id)
    byId('start').close()
    event.target.reset()
    byId('start-later').open = false
    await refresh()
    byId(later ? 'schedules' : 'runs')
      .querySelector('button')
      ?.focus()
  } catch (error) {
    if (error.status === 401) lock('')
    else tell('start-refused', error)
  }
}

const loadMore = async (path, into, next) => {
  const { items, next: further } = await get(`${path}&cursor=${encodeURIComponent(state[next])}`)
  state[into] = [...state[into], ...items]
  state[next] = further
  drawRuns()
  drawJobs()
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
byId('start-open').addEventListener('click', () => {
  say('start-refused', '')
  byId('start-zone').value ||= Intl.DateTimeFormat().resolvedOptions().timeZone
  byId('start').showModal()
})
byId('start-close').addEventListener('click', () => byId('start').close())
byId('start-form').addEventListener('submit', start)
byId('start-network').addEventListener('change', tellForms)
byId('runs-more').addEventListener('click', () =>
  guarded(() => loadMore('/v1/runs?limit=8', 'runs', 'runsNext')),
)
byId('profiles-more').addEventListener('click', () =>
  guarded(() => loadMore(`/v1/jobs?${filterQuery()}`, 'jobs', 'jobsNext')),
)
const filterNow = () =>
  guarded(async () => {
    await loadJobs()
    drawJobs()
  })
byId('filter').addEventListener('submit', event => event.preventDefault())
byId('filter').addEventListener('input', filterNow)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && hasToken()) void refresh()
})

say('dateline', dateline.format(new Date()))
takeToken()
if (hasToken()) await unlock()
else lock('')
