import { type Charts, NARROW, WIDE } from '../charts.ts'
import type { ReportData } from '../data.ts'
import { atBothWidths, figure, section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { table } from '../table.ts'
import { counted, number } from '../words.ts'

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

const twoDigits = (hour: number): string => String(hour).padStart(2, '0')

/** When posts are published: weekdays by hours of the day. */
export const rhythm = ({ plot, draw }: Charts, { rhythm: { hours, dated, undated } }: ReportData): Html => {
  if (dated === 0)
    return section(
      'rhythm',
      'Posting rhythm',
      html`<p>No post of the period tells when it was published.</p>`,
    )
  const cells = hours.flatMap((row, weekday) =>
    row.map((posts, hour) => ({ weekday: DAYS[weekday] ?? '', hour, posts })),
  )
  const busiest = cells.reduce((most, one) => (one.posts > most.posts ? one : most))
  const words = {
    title: 'Posts by weekday and hour',
    says: `${counted(dated, 'post')}, by the hour at which they were published, in UTC. The stronger the colour, the more; the busiest hour is ${busiest.weekday}, ${twoDigits(busiest.hour)}:00 to ${twoDigits(busiest.hour)}:59, with ${counted(busiest.posts, 'post')}.${undated === 0 ? '' : ` ${counted(undated, 'more post')} told no time.`}`,
  }
  const chart = (isNarrow: boolean): Html =>
    draw(words, {
      width: isNarrow ? NARROW : WIDE,
      height: isNarrow ? 230 : 300,
      marginLeft: isNarrow ? 52 : 96,
      marginRight: 8,
      marginTop: 28,
      marginBottom: 42,
      padding: 0.08,
      x: {
        type: 'band',
        domain: HOURS,
        label: 'hour of the day (UTC)',
        labelAnchor: 'center',
        ticks: HOURS.filter(hour => hour % (isNarrow ? 4 : 2) === 0),
        tickFormat: twoDigits,
        tickSize: 0,
      },
      y: {
        type: 'band',
        domain: DAYS,
        label: 'weekday',
        tickFormat: (weekday: string) => (isNarrow ? weekday.slice(0, 3) : weekday),
        tickSize: 0,
      },
      opacity: { type: 'linear', domain: [0, busiest.posts], range: [0.07, 1] },
      marks: [
        plot.cell(cells, { x: 'hour', y: 'weekday', fill: 'var(--series-0)', fillOpacity: 'posts', rx: 1.5 }),
      ],
    })
  const numbers = table(
    `${words.title}: numbers`,
    ['weekday', ...HOURS.map(twoDigits), 'all'],
    hours.map((row, weekday) => [
      DAYS[weekday] ?? '',
      ...row.map(number),
      number(row.reduce((sum, posts) => sum + posts, 0)),
    ]),
  )
  return section('rhythm', 'Posting rhythm', figure(words, atBothWidths(chart), { numbers }))
}
