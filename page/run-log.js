import { get } from './api.js'
import { h } from './dom.js'
import { moment, when } from './words.js'

/** What happened in a run, newest first: how each profile ended, as it is stored, and what is heard while the page is open. */

/** Lines of each run that were heard; older ones go. */
const HEARD = 200
const PAGE = 50

/** By run: whether its log is open, what it holds by key, where the list of its jobs goes on, and where it is drawn. */
const logs = new Map()

const logOf = id => {
  if (!logs.has(id)) logs.set(id, { open: false, lines: new Map(), next: '', list: null, heard: 0 })
  return logs.get(id)
}

const because = message => (message ? `: ${message}` : '')

/** An event as a line, or nothing where it is none that a person wants to read. */
const WORDS = {
  'job.ended': ({ entity_id, status, error_type }) => `${entity_id} ${status}${because(error_type)}`,
  'call.failed': ({ error_type, message, wait_ms }) =>
    `a call failed, ${error_type}${because(message)}${wait_ms === null ? '' : ' (it is tried again)'}`,
  'walk.restarted': ({ stream, message }) => `${stream} read from the beginning again${because(message)}`,
  'lane.waiting': ({ pool, until, why }) =>
    `waits for ${pool}, open again ${when(new Date(until).toISOString())}${because(why)}`,
  'lane.stopped': ({ error_type, message }) => `stops, ${error_type}${because(message)}`,
  'identity.changed': ({ entity_id, from, to }) =>
    `${entity_id} is another profile now: ${from} was asked for, ${to} answers`,
}

/** Notes what is heard of a run. */
export const noteEvent = (id, name, data) => {
  const words = WORDS[name]?.(data)
  if (words === undefined) return
  const log = logOf(id)
  const key = name === 'job.ended' ? `job ${data.job_id}` : `heard ${log.heard++}`
  log.lines.set(key, { at: new Date().toISOString(), text: `${data.network} ${words}` })
  const heard = [...log.lines.keys()].filter(known => known.startsWith('heard'))
  if (heard.length > HEARD) log.lines.delete(heard[0])
  drawLines(log)
}

const loadJobs = async (id, log) => {
  const { items, next } = await get(
    `/v1/jobs?run=${id}&limit=${PAGE}${log.next === '' ? '' : `&cursor=${encodeURIComponent(log.next)}`}`,
  )
  for (const job of items) {
    if (job.finished_at === null) continue
    const why = job.why ?? job.error_type ?? job.reason
    log.lines.set(`job ${job.id}`, {
      at: job.finished_at,
      text: `${job.network} ${job.entity_id} ${job.status}${because(why)}`,
    })
  }
  log.next = next
  drawLines(log)
}

/** Only where it is seen: a large run ends many profiles a second. */
const drawLines = log => {
  if (log.list === null || !log.open) return
  const lines = [...log.lines.values()].sort((a, b) => (a.at < b.at ? 1 : -1))
  log.list.replaceChildren(
    ...lines.map(({ at, text }) => h('li', {}, h('time', { datetime: at }, moment(at)), ` ${text}`)),
  )
}

/** The log of a run, to be opened: what is stored is asked for then. */
export const drawLog = run => {
  const log = logOf(run.id)
  log.list = h('ol', { tabindex: '0', 'aria-label': `What happened in run ${run.id}` })
  const more = h('button', { type: 'button', className: 'quiet', hidden: log.next === null }, 'More')
  const trouble = h('p', { className: 'refused', hidden: true })
  const load = async () => {
    more.disabled = true
    try {
      await loadJobs(run.id, log)
    } catch (error) {
      trouble.hidden = false
      trouble.textContent = error.message
    }
    more.disabled = false
    more.hidden = log.next === null
  }
  more.addEventListener('click', load)
  drawLines(log)
  return h(
    'details',
    {
      className: 'gaps log',
      open: log.open,
      ontoggle: ({ currentTarget: details }) => {
        log.open = details.open
        drawLines(log)
        if (details.open && log.next === '') void load()
      },
    },
    h('summary', {}, 'What happened'),
    log.list,
    more,
    trouble,
  )
}
