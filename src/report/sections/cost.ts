import type { ReportData } from '../data.ts'
import { section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { table } from '../table.ts'
import { networkName } from '../words.ts'

/** What it cost, in calls and units of the networks' quotas. */
export const cost = ({ costs, profile, since }: ReportData): Html =>
  section(
    'cost',
    'What it cost',
    costs.length === 0
      ? html`<p>No run of the period made a call.</p>`
      : html`
${table(
  'Calls and units of quota',
  ['network', 'quota', 'runs', 'calls', 'units'],
  costs.map(({ network, pool, runs, calls, units }) => [networkName(network), pool, runs, calls, units]),
)}
<p class="note">A unit is what the network counts its quota in.${since === null ? null : ' Counted are runs that began in the period.'}${
          profile === null ? null : ' Calls are shared by profiles: this is the cost of all of them.'
        }</p>`,
  )
