import { titleOf } from './sign.js'
import { counted, duration, itemLine, moment, number, sum, when } from './words.js'

/** The state of things as a newspaper would put it: one sentence, and a second that explains it; what needs a person comes first. */
export const headline = (runs, notWhole, needs) => {
  const now = standing(runs, notWhole)
  const [first, ...others] = needs
  if (first === undefined) return now
  const told = others.map(need => `${headOf(need)}: ${whoseOf(need)}${sinceOf(need)}.`)
  return {
    head: headOf(first),
    deck: [`${whoseOf(first)}${sinceOf(first)}. ${REMEDIES[first.kind]}`, ...told, `${now.head}. ${now.deck}`]
      .join(' ')
      .trim(),
  }
}

const headOf = ({ kind, network }) => {
  const title = titleOf(network)
  if (kind === 'renew') return `${title} refuses a credential`
  if (kind === 'set-up') return `${title} does not answer as it is set up`
  if (kind === 'report') return `${title} calls a request wrong`
  return `${title} has given nothing for days`
}

const REMEDIES = {
  renew: 'Renew it, start the server anew, then resume.',
  'set-up': 'Set what it says, start the server anew, then resume.',
  report: 'Resume; where it stays so, please report it.',
  look: 'It has not passed by itself: look at what its profiles say below.',
}

/** Which credential it is, and what the network says. */
const whoseOf = ({ kind, credentials, message }) => {
  const named =
    kind === 'renew' || kind === 'set-up'
      ? credentials.map(({ name, place }) => `${name} (in ${place})`).join(', ')
      : ''
  return [named, message?.replace(/\.$/, '')].filter(Boolean).join(': ') || 'No more is known'
}

const sinceOf = ({ since, runs, last_success: last }) =>
  [
    since !== null && `, since ${moment(since)}`,
    runs > 1 && ` in ${counted(runs, 'run')}`,
    last !== null && since !== null && `; the last success was ${moment(last)}`,
  ]
    .filter(Boolean)
    .join('')

const standing = (runs, notWhole) => {
  const live = runs.filter(run => run.state === 'running')
  const waiting = runs.filter(run => run.state === 'queued').length
  if (live.length > 0) {
    const jobs = live.reduce((total, run) => total + sum(run.jobs), 0)
    const open = live.reduce((total, run) => total + (run.jobs.running ?? 0) + (run.jobs.pending ?? 0), 0)
    const queue =
      waiting === 0 ? '' : ` ${counted(waiting, 'more run')} ${waiting === 1 ? 'waits' : 'wait'} behind.`
    return {
      head:
        jobs === 0
          ? 'A run is being prepared'
          : `Under way: ${number(jobs - open)} of ${counted(jobs, 'profile')} done`,
      deck: `Since ${moment(live[0].created_at)}.${queue}`,
    }
  }
  const [last] = runs.filter(run => run.finished_at !== null)
  if (last === undefined)
    return waiting > 0
      ? { head: 'A run waits for its turn', deck: '' }
      : {
          head: 'Nothing was fetched yet',
          deck: 'Start a run with a list of profiles; it can be watched here.',
        }
  const came = last.items === undefined ? '' : itemLine(last.items, last.new_items)
  const took = duration(Date.parse(last.finished_at) - Date.parse(last.created_at))
  const deck = `Run ${last.id} ended ${moment(last.finished_at)} after ${took}${came ? ` and brought ${came}` : ''}.`
  const absent = absentIn(last)
  if (notWhole.count === 0 && absent === null) return { head: 'Everything is in', deck }
  if (notWhole.count === 0) return { head: 'Nothing of the list is there', deck: `${absent} ${deck}` }
  const many = counted(notWhole.count, 'profile')
  const on = notWhole.notBefore === null ? '' : ` The first can go on ${when(notWhole.notBefore)}.`
  return {
    head: `${many} ${notWhole.count === 1 ? 'is' : 'are'} not whole`,
    deck: deck + on,
  }
}

/** What lists name. */
export const NAMED = new Set(['profile', 'post', 'playlist', 'tag', 'search'])

/** Of a run that only skipped what its list names: the first of them, and why it is not to be had; null = it did something, or had no need to. */
const absentIn = ({ jobs, gaps = [] }) => {
  const absent = gaps.filter(({ what }) => NAMED.has(what))
  const [first] = absent
  if (first === undefined || sum(jobs) > (jobs.skipped ?? 0)) return null
  const count = absent.reduce((total, gap) => total + gap.count, 0)
  const others = count > 1 ? ` So it is with ${number(count - 1)} more.` : ''
  return `${first.network}:${first.examples[0]}: ${first.why ?? first.reason}.${others}`
}
