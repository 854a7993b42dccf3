import { type Charts, NARROW, WIDE } from '../charts.ts'
import type { ReportData } from '../data.ts'
import { atBothWidths, figure, section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { linked } from '../link.ts'
import { table } from '../table.ts'
import { day, named, networkName, number, plainName, short } from '../words.ts'
import { leftOut } from './left-out.ts'

/** How many bars a chart holds. */
const BARS = 20
const ROW = 34
/** Text stands out from the lines behind it. */
const HALO = { fill: 'currentColor', stroke: 'var(--page)', strokeWidth: 4 }
/** Letters of a name that have room above a bar, be they as wide as emoji. */
const ROOM = { narrow: 17, wide: 40 }

/** Who is reacted to: the post in the middle of each profile. */
export const reactions = ({ plot, draw }: Charts, data: ReportData): Html => {
  const all = data.profiles
    .flatMap(profile => (profile.reactions === null ? [] : [{ ...profile, reactions: profile.reactions }]))
    .sort((a, b) => b.reactions - a.reactions)
  if (all.length === 0)
    return section(
      'reactions',
      'Reactions per post',
      html`<p>No post of the period tells how many likes and comments it has.</p>`,
    )
  const shown = all.slice(0, BARS).map((profile, n) => ({ ...profile, row: n }))
  const largest = Math.max(1, ...shown.map(({ reactions }) => reactions))
  const words = {
    title: 'Reactions to a typical post',
    says: `Likes, comments and, where they are told, shares of the post in the middle of each profile: half of its posts of the period have more.${all.length > BARS ? ` The ${BARS} profiles with the most; the numbers are of all ${number(all.length)}.` : ''}`,
  }
  const chart = (isNarrow: boolean): Html => {
    const room = isNarrow ? ROOM.narrow : ROOM.wide
    return draw(words, {
      width: isNarrow ? NARROW : WIDE,
      height: shown.length * ROW + 52,
      marginLeft: 14,
      marginRight: 18,
      marginTop: 8,
      marginBottom: 44,
      x: { domain: [0, largest], label: 'reactions per post', grid: true, ticks: isNarrow ? 3 : 6 },
      y: { type: 'band', domain: shown.map(({ row }) => row), axis: null, padding: 0 },
      marks: [
        plot.barX(shown, { x: 'reactions', y: 'row', fill: 'var(--series-0)', insetTop: 19, insetBottom: 5 }),
        plot.text(shown, {
          y: 'row',
          frameAnchor: 'left',
          dx: 4,
          dy: -7,
          ...HALO,
          text: profile => short(plainName(profile), room),
        }),
        plot.text(shown, {
          y: 'row',
          frameAnchor: 'right',
          dy: -7,
          ...HALO,
          text: ({ reactions }) => number(reactions),
          fontWeight: 'bold',
        }),
        plot.ruleX([0]),
      ],
    })
  }
  const numbers = table(
    `${words.title}: numbers`,
    ['profile', 'network', 'reactions per post', 'posts in the period'],
    all.map(profile => [named(profile), networkName(profile.network), profile.reactions, profile.posts]),
  )
  return section(
    'reactions',
    'Reactions per post',
    html`${figure(words, atBothWidths(chart), { numbers })}${leftOut(data)}`,
  )
}

/** Letters of a post's text that a table has room for. */
const TEXT = 90

/** The posts with the most reactions, of all profiles. */
export const topPosts = ({ top }: ReportData): Html =>
  section(
    'top',
    'Top posts',
    top.length === 0
      ? html`<p>No post of the period tells how many likes and comments it has.</p>`
      : table(
          'Posts with the most reactions',
          ['post', 'by', 'network', 'published', 'reactions', 'likes', 'comments', 'shares', 'views'],
          top.map(post => [
            linked(html`<bdi dir="auto">${short(post.text || post.id, TEXT)}</bdi>`, post.address),
            named(post.by),
            networkName(post.network),
            day(post.at),
            post.reactions,
            number(post.likes),
            number(post.comments),
            number(post.shares),
            number(post.views),
          ]),
        ),
  )
