import type { Charts } from '../charts.ts'
import { NARROW, WIDE } from '../charts.ts'
import type { ProfileFigures, ReportData, SeriesPoint } from '../data.ts'
import { atBothWidths, figure, section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { table } from '../table.ts'
import { counted, moment, named, networkName, number, percent, plainName, signed } from '../words.ts'
import { leftOut } from './left-out.ts'

const DAY = 86_400_000
/** What is drawn covers at least so much, so that its axis can be labelled by days. */
const SHORTEST = 4 * DAY
/** A number that moved by less than this part of itself is drawn as the steady one that it is. */
const STEADY = 0.01
/** How many profiles one chart can hold apart. */
const COMPARED = 8
/** Lines that differ in more than their colour. */
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '10 4', '4 4', '1 3', '12 3 2 3 2 3']

export interface Growth {
  readonly from: number
  readonly to: number
  readonly difference: number
  /** Null = it began at 0. */
  readonly percent: number | null
}

/** From the first number that is known to the last; null = not known at two moments. */
export const growthOf = ({ series }: Pick<ProfileFigures, 'series'>): Growth | null => {
  const known = series.filter(({ value }) => value !== null)
  const [from, to] = [known[0]?.value ?? null, known.at(-1)?.value ?? null]
  if (known.length < 2 || from === null || to === null) return null
  const difference = to - from
  return { from, to, difference, percent: from === 0 ? null : (difference / from) * 100 }
}

/** Growth: one chart to compare the largest, and one for each profile. */
export const growth = (charts: Charts, data: ReportData): Html => {
  const span = spanOf(data.profiles)
  if (span === null) return section('growth', 'Growth', html`<p>No profile tells how many follow it.</p>`)
  const grown = data.profiles.flatMap(profile => {
    const of = growthOf(profile)
    return of === null || of.percent === null ? [] : [{ profile, of }]
  })
  const compared = grown.slice(0, COMPARED)
  return section(
    'growth',
    'Growth',
    html`
${
  compared.length === 0
    ? html`<p>Nobody's followers were told at two moments yet: growth is shown from the second night on.</p>`
    : data.profiles.length === 1
      ? null
      : compare(charts, compared, span)
}
<div class="cards">${data.profiles.map(profile => card(charts, profile, span))}</div>
${leftOut(data)}`,
  )
}

type Span = readonly [from: Date, to: Date]

/** From the first to the last moment of all. */
const spanOf = (profiles: readonly ProfileFigures[]): Span | null => {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { series } of profiles)
    for (const { at } of series) {
      from = Math.min(from, Date.parse(at))
      to = Math.max(to, Date.parse(at))
    }
  if (from > to) return null
  const missing = Math.max(0, SHORTEST - (to - from))
  return [new Date(from - missing / 2), new Date(to + missing / 2)]
}

const compare = (
  { plot, draw }: Charts,
  compared: readonly { readonly profile: ProfileFigures; readonly of: Growth }[],
  [from, to]: Span,
): Html => {
  const words = {
    title: 'Followers compared',
    says: `By how many per cent the number of followers moved since the first moment known, of the ${counted(compared.length, 'profile')} with the most followers that tell it at two moments or more.`,
  }
  const lines = compared.map(({ profile, of }) =>
    profile.series.map(({ at, value }) => ({
      at: new Date(at),
      value: value === null ? null : ((value - of.from) / of.from) * 100,
    })),
  )
  const moved = lines.flat().flatMap(({ value }) => value ?? [])
  const chart = (isNarrow: boolean): Html =>
    draw(words, {
      width: isNarrow ? NARROW : WIDE,
      height: isNarrow ? 260 : 320,
      marginLeft: 52,
      marginRight: 16,
      marginTop: 30,
      marginBottom: 46,
      x: { type: 'utc', domain: [from, to], label: 'day (UTC)', ticks: isNarrow ? 4 : 8 },
      y: {
        label: 'change of followers in per cent',
        grid: true,
        ticks: 5,
        domain: padded(moved, 0.5),
        tickFormat: (value: number) => signed(value),
      },
      marks: [
        plot.ruleY([0], { strokeOpacity: 0.5 }),
        ...lines.map((line, n) =>
          plot.lineY(line, {
            x: 'at',
            y: 'value',
            stroke: `var(--series-${n})`,
            strokeWidth: 2,
            ...(DASHES[n] ? { strokeDasharray: DASHES[n] } : {}),
          }),
        ),
      ],
    })
  const legend = html`<ul class="legend">${compared.map(
    ({ profile, of }, n) => html`<li>
<svg viewBox="0 0 28 10" aria-hidden="true"><line x1="0" x2="28" y1="5" y2="5" stroke="var(--series-${n})" stroke-width="3"${DASHES[n] ? html` stroke-dasharray="${DASHES[n]}"` : null}/></svg>
<span>${named(profile)} <small>${networkName(profile.network)}</small> <b>${percent(of.percent)}</b></span></li>`,
  )}</ul>`
  const numbers = table(
    `${words.title}: numbers`,
    ['profile', 'network', 'followers at first', 'at last', 'change', 'in per cent'],
    compared.map(({ profile, of }) => [
      named(profile),
      networkName(profile.network),
      of.from,
      of.to,
      signed(of.difference),
      percent(of.percent),
    ]),
  )
  return figure(words, atBothWidths(chart), { legend, numbers })
}

const card = ({ plot, draw }: Charts, profile: ProfileFigures, [from, to]: Span): Html => {
  const points = profile.series.map(({ at, value }) => ({ at: new Date(at), value }))
  const known = points.flatMap(({ value }) => value ?? [])
  const name = plainName(profile)
  const heading = html`<h3>${named(profile)} <small>${networkName(profile.network)}</small></h3>`
  const last = points.findLast(({ value }) => value !== null)
  if (last === undefined)
    return html`<figure class="card"><figcaption>${heading}<p>The number of followers is not told.</p></figcaption></figure>`
  const says = saysOf(profile)
  if (known.length < 2)
    return html`<figure class="card"><figcaption>${heading}<p>${says}</p></figcaption></figure>`
  const [bottom, top] = padded(known, Math.max(2, STEADY * Math.max(...known)))
  const room = 20 + 6.5 * Math.max(...[bottom, top].map(end => number(Math.ceil(end)).length))
  const chart = draw(
    { title: `Followers of ${name} (${networkName(profile.network)})`, says },
    {
      width: NARROW,
      height: 168,
      marginLeft: room,
      marginRight: 14,
      marginTop: 26,
      marginBottom: 46,
      x: { type: 'utc', domain: [from, to], label: 'day (UTC)', ticks: 3 },
      y: {
        label: 'followers',
        grid: true,
        ticks: 3,
        domain: [bottom, top],
        tickFormat: (value: number) => (Number.isInteger(value) ? number(value) : ''),
      },
      marks: [
        plot.lineY(points, { x: 'at', y: 'value', stroke: 'var(--series-0)', strokeWidth: 2 }),
        plot.dot([last], { x: 'at', y: 'value', fill: 'var(--series-0)', r: 3 }),
      ],
    },
  )
  const numbers = table(
    `Followers of ${name}: numbers`,
    ['moment', 'followers'],
    profile.series.map(({ at, value }) => [moment(at), told(value)]),
  )
  return html`
<figure class="card"><figcaption>${heading}<p>${says}</p></figcaption>${chart}
<details><summary>The numbers of ${named(profile)}</summary>${numbers}</details></figure>`
}

const told = (value: SeriesPoint['value']): string => (value === null ? 'hidden' : number(value))

const saysOf = (profile: ProfileFigures): string => {
  const growth = growthOf(profile)
  const last = profile.series.findLast(({ value }) => value !== null)
  const now = `${number(last?.value ?? null)} followers`
  if (growth === null) return `${now}, told at one moment`
  return growth.difference === 0
    ? `${now}, as many as at first`
    : `${now}, ${signed(growth.difference)}${growth.percent === null ? '' : ` (${percent(growth.percent)})`}`
}

/** From the smallest to the largest with some room, wide enough for marks of whole numbers where nothing moved. */
const padded = (values: readonly number[], least: number): readonly [number, number] => {
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    bottom = Math.min(bottom, value)
    top = Math.max(top, value)
  }
  const room = Math.max(least, (top - bottom) * 0.08)
  return [bottom >= 0 ? Math.max(0, bottom - room) : bottom - room, top + room]
}
