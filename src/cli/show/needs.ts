import type { Need } from '../../app/reports/needs.ts'
import { pasted } from '../pasted.ts'
import { credentialPlace } from './credential-place.ts'
import { wordsOf } from './failing.ts'
import { counted, moment, printable } from './text.ts'

/** What needs a person, for standard error: what is wrong, since when, and what to do, a line each. */
export const showNeeds = (needs: readonly Need[], env: NodeJS.ProcessEnv): string =>
  needs.map(need => `socsync: ${whatOf(need)}\n  ${sinceOf(need)}\n  ${remedyOf(need, env)}\n`).join('')

/** The same for programs: an object a line. */
export const needsJson = (needs: readonly Need[], env: NodeJS.ProcessEnv): string =>
  needs
    .map(need => ({
      code: need.kind,
      network: need.network,
      message: whatOf(need),
      since: need.since,
      last_success: need.lastSuccess,
      hint: remedyOf(need, env),
    }))
    .map(need => `${JSON.stringify(need)}\n`)
    .join('')

const whatOf = (need: Need): string => {
  const { kind, network, errorType, message, profiles, examples } = need
  const whose = profiles === 0 ? '' : ` on ${counted(profiles, 'profile')}`
  const said = message === null ? '' : `: ${wordsOf(message, errorType).replaceAll(/\s+/g, ' ')}`
  switch (kind) {
    case 'start':
      return 'no run has begun'
    case 'list':
      return profiles === 0
        ? `${network}: no run has asked it for anything that is there`
        : `${counted(profiles, 'profile')} of the list ${profiles === 1 ? 'is' : 'are'} not to be had (${message}): ${examples.map(printable).join(', ')}${profiles > examples.length ? ', …' : ''}`
    default:
      return `${network}: ${errorType ?? 'nothing came'}${whose}${said}`
  }
}

const sinceOf = ({ kind, since, runs, lastSuccess }: Need): string => {
  if (kind === 'start') return `since ${since === null ? 'ever' : moment(since)}, when the newest run did`
  const from = since === null ? '' : `since ${moment(since)}`
  const often = runs > 1 ? `, in ${counted(runs, 'run')}` : ''
  if (kind === 'list' && lastSuccess === null) return from || 'no run has brought anything'
  return [`${from}${often}`, lastOf(lastSuccess)].filter(Boolean).join('; ')
}

const lastOf = (at: string | null): string =>
  at === null ? 'it has never succeeded' : `the last success was ${moment(at)}`

const remedyOf = ({ kind, network, run }: Need, env: NodeJS.ProcessEnv): string => {
  const resume = pasted(run === null ? 'socsync resume --all' : `socsync resume --run ${run}`)
  const status = pasted(run === null ? 'socsync status' : `socsync status --run ${run}`)
  switch (kind) {
    case 'renew':
      return `renew the credential (${credentialPlace(network ?? '', env)}), then: ${resume}`
    case 'set-up':
      return `set what is said; ${pasted('socsync auth status')} tells whether it is; then: ${resume}`
    case 'report':
      return `please report it; what is known of it: ${status}`
    case 'list':
      return network === null
        ? `look at the list: ${status}`
        : `look at its list, and at what starts its runs: ${pasted('socsync jobs')}`
    case 'look':
      return `it has not passed by itself: ${status}`
    case 'start':
      return 'look at what starts it (crontab -l, or the log of cron), then run it by hand'
  }
}
