import type { ProfileFigures, ReportData } from '../data.ts'
import { section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { linked } from '../link.ts'
import { table } from '../table.ts'
import { counted, day, moment, named, networkName, number, percent, signed } from '../words.ts'
import { growthOf } from './growth.ts'
import { leftOut } from './left-out.ts'

/** What the list is: its networks, and its profiles. */
export const overview = (data: ReportData): Html =>
  section(
    'list',
    'The list',
    html`
<p>${summary(data)}</p>
${table(
  'Networks',
  [
    'network',
    'profiles asked for',
    'stored',
    'followers together',
    'posts in the period',
    'read last',
    'read longest ago',
  ],
  data.networks.map(of => [
    networkName(of.network),
    of.asked,
    of.stored,
    of.followers === null
      ? '–'
      : `${number(of.followers)}${of.withFollowers < of.stored ? ` (${number(of.withFollowers)} tell it)` : ''}`,
    of.posts,
    moment(of.newestAt),
    moment(of.oldestAt),
  ]),
)}
${
  data.profiles.length === 0
    ? null
    : table(
        'Profiles',
        [
          'profile',
          'network',
          'followers',
          'change',
          'in per cent',
          'posts in the period',
          'newest of them',
          'reactions per post',
          'per 1,000 followers',
          'read last',
        ],
        data.profiles.map(profile => {
          const growth = growthOf(profile)
          const { followers, reactions } = profile
          return [
            html`${linked(named(profile), profile.url)}${handleOf(profile)}`,
            networkName(profile.network),
            number(followers),
            signed(growth?.difference ?? null),
            percent(growth?.percent ?? null),
            number(profile.posts),
            day(profile.newestPostAt),
            number(reactions),
            number(reactions === null || !followers ? null : (reactions / followers) * 1000),
            day(profile.readAt),
          ]
        }),
      )
}
${leftOut(data)}
<p class="note">Reactions are likes, comments and, where they are told, shares; “per post” is the post in the middle: half of
the posts have more. A dash stands for what the network does not tell, which is not zero.</p>`,
  )

/** The name in the address, where another one is shown. */
const handleOf = ({ name, username }: ProfileFigures): Html | null =>
  name === null || username === null || name === username
    ? null
    : html` <small><bdi>${username}</bdi></small>`

const summary = ({ networks, rhythm }: ReportData): string => {
  const sum = (of: (figures: ReportData['networks'][number]) => number): number =>
    networks.reduce((all, figures) => all + of(figures), 0)
  const [asked, stored] = [sum(({ asked }) => asked), sum(({ stored }) => stored)]
  const where = networks.map(({ network }) => networkName(network)).join(', ')
  const missing = asked === stored ? '' : `; ${number(stored)} of them are stored`
  return `${counted(asked, 'profile')} of ${where}${missing}. ${counted(rhythm.dated + rhythm.undated, 'post')} of the period are there.`
}
