import { post } from './api.js'
import { byId, h } from './dom.js'
import { drawPrice, sumOf } from './price.js'

/** The dialog that starts a run: what it would cost is shown before it can be started. */

/** So long nobody types before the price is asked for. */
const PAUSE_MS = 500

/** How the profiles of each network may be written, by its name; empty until the API has told. */
let forms = {}

export const tellForms = (told = forms) => {
  forms = told
  const chosen = byId('start-network').value
  byId('start-forms').textContent = chosen
    ? (forms[chosen] ?? '')
    : 'such as youtube:@nasa, or the address of the profile'
}

/** What the form asks for, as a request; null = it names no profile yet. Blank lines count, so that a bad line is named by its number. */
const wishOf = () => {
  const form = new FormData(byId('start-form'))
  const lines = form.get('ids').split('\n')
  if (lines.every(line => line.trim() === '')) return null
  const ids = lines.map(line => line.trim() || '#')
  const wish = { ids, scope: [form.get('scope')], fresh: form.get('fresh') !== null }
  if (form.get('network')) wish.network = form.get('network')
  if (form.get('since')) wish.since = form.get('since')
  // Where none is ticked none is wanted, whatever `serve --transform` says.
  wish.transforms = form.getAll('transforms')
  return wish
}

let timer = null
/** The wish that the price on show is of, as text; null = none is. */
let priced = null
let asked = 0

const ready = isReady => {
  byId('start-go').disabled = !isReady
}

/** What is told in the place of the price, and in a line beside the button. */
const show = (what, sum = '') => {
  byId('start-price').replaceChildren(...(what === null ? [] : [what]))
  byId('start-sum').textContent = sum
}

/** Another wish: its price is asked for as soon as it stands, and until then nothing can be started. */
const change = () => {
  clearTimeout(timer)
  const wish = wishOf()
  const text = JSON.stringify(wish)
  if (text === priced) return
  priced = null
  asked += 1
  ready(false)
  byId('start-refused').textContent = ''
  if (wish === null) return show(h('p', { className: 'note' }, 'What it would cost is told here first.'))
  show(h('p', { className: 'note' }, 'Looking what it would cost …'))
  timer = setTimeout(() => askPrice(wish, text, asked), PAUSE_MS)
}

const askPrice = async (wish, text, mine) => {
  try {
    const plan = await post('/v1/plan', wish)
    if (mine !== asked) return
    show(drawPrice(plan), `${sumOf(plan)}.`)
  } catch (error) {
    if (mine !== asked) return
    if (error.status === 401) return byId('start').dispatchEvent(new CustomEvent('locked'))
    // What is wrong with the wish is so for the run, too; that a price cannot be told keeps nobody from it.
    if (error.status < 500) return refuse(error)
    show(h('p', { className: 'note' }, `What it would cost cannot be told: ${error.message}.`))
  }
  priced = text
  ready(true)
}

const refuse = error => {
  show(null)
  const parts = error.errors?.map(({ place, message }) => `${place}: ${message}`) ?? []
  byId('start-refused').textContent = [error.message, error.hint, ...parts].filter(Boolean).join(' · ')
}

/** `started` is told what was made, and whether it is for later; `locked`, that the token is not taken. */
export const openStart = ({ started, locked }) => {
  const dialog = byId('start')
  byId('start-open').addEventListener('click', () => {
    byId('start-refused').textContent = ''
    byId('start-zone').value ||= Intl.DateTimeFormat().resolvedOptions().timeZone
    dialog.showModal()
    change()
  })
  byId('start-close').addEventListener('click', () => dialog.close())
  dialog.addEventListener('locked', locked)
  byId('start-network').addEventListener('change', () => tellForms())
  byId('start-form').addEventListener('input', change)
  byId('start-form').addEventListener('submit', async event => {
    event.preventDefault()
    const wish = wishOf()
    if (wish === null || JSON.stringify(wish) !== priced) return
    byId('start-refused').textContent = ''
    const form = new FormData(event.target)
    const isLater = byId('start-later').open
    const times = isLater
      ? { name: form.get('name'), cron: form.get('cron'), time_zone: form.get('time_zone') }
      : {}
    ready(false)
    try {
      const made = await post(isLater ? '/v1/schedules' : '/v1/runs', { ...wish, ...times })
      dialog.close()
      event.target.reset()
      byId('start-later').open = false
      priced = null
      await started(made, isLater)
    } catch (error) {
      if (error.status === 401) return locked()
      refuse(error)
      // Its times can be mended, and what is away for a moment be asked again; its price stands.
      ready(true)
    }
  })
}
