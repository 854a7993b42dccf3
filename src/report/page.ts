import { openCharts } from './charts.ts'
import type { ReportData } from './data.ts'
import { Html, html, type Piece } from './html.ts'
import { changes } from './sections/changes.ts'
import { cost } from './sections/cost.ts'
import { growth } from './sections/growth.ts'
import { missing } from './sections/missing.ts'
import { overview } from './sections/overview.ts'
import { reactions, topPosts } from './sections/reactions.ts'
import { rhythm } from './sections/rhythm.ts'
import { STYLE } from './style.ts'
import { counted, day, moment, networkName } from './words.ts'

/** A page that asks nobody for anything: what it holds is all there is. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const PARTS = [
  ['list', 'The list'],
  ['growth', 'Growth'],
  ['rhythm', 'Posting rhythm'],
  ['reactions', 'Reactions per post'],
  ['top', 'Top posts'],
  ['changes', 'What changed'],
  ['missing', 'What is missing, and why'],
  ['cost', 'What it cost'],
] as const

/** The report as one HTML file, in pieces. */
export const writeReport = async function* (data: ReportData): AsyncGenerator<string> {
  const charts = await openCharts()
  const title = titleOf(data)
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="socsync ${data.version}">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${periodOf(data)} All days and hours are in UTC.</p>
${data.bySandbox ? html`<p class="made-up"><strong>The numbers are made up:</strong> this is what the sandbox told, and its dates are by the sandbox's own clock.</p>` : null}
<nav aria-label="Parts of the report"><ul>${PARTS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>`.text
  const sections: readonly (() => Piece)[] = [
    () => overview(data),
    () => growth(charts, data),
    () => rhythm(charts, data),
    () => reactions(charts, data),
    () => topPosts(data),
    () => changes(data),
    () => missing(data),
    () => cost(data),
  ]
  for (const write of sections) yield html`${write()}`.text
  yield html`
</main>
<footer>Made by socsync ${data.version} at ${moment(data.madeAt)} from what the networks' official APIs told.</footer>
</body>
</html>
`.text
}

const titleOf = ({ profile, network, networks }: ReportData): string => {
  if (profile !== null) return `Report on ${profile}`
  const asked = networks.reduce((sum, of) => sum + of.asked, 0)
  return `Report on ${counted(asked, network === null ? 'profile' : `${networkName(network)} profile`)}`
}

const periodOf = ({ since, newestAt }: ReportData): string => {
  const until = newestAt === null ? '' : `, read last at ${moment(newestAt)}`
  return since === null ? `All that is stored${until}.` : `From ${day(since)} on${until}.`
}
