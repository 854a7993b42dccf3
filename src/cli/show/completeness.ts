import type { ChalkInstance } from 'chalk'
import { REASON_TEXT } from '../../app/reports/messages.ts'
import { HOLDING_KINDS, PLURALS } from '../../core/entity.ts'
import type { CompletenessReport, CountersAge } from '../../store/reports/completeness.ts'
import { counted, moment, number, printable, table } from './text.ts'

/** What a sum is held against. */
export const ofDeclared = (declared: number | null): string =>
  declared === null ? '' : ` of ${number(declared)} that the network declares`

/** Posts in one line: how many of how many, and what the rest is. */
export const postsInShort = (
  report: CompletenessReport,
  { profiles }: { readonly profiles: number },
  paint: ChalkInstance,
): string => {
  const { posts_stored, posts_declared, post_gaps, named_posts } = report
  const gaps = post_gaps.map(({ posts, reason, parts }) => {
    const named = parts.slice(0, NAMED).map(printable)
    const which = named.length === 0 ? '' : ` (${named.join(', ')}${parts.length > NAMED ? ', …' : ''})`
    return `${number(posts)} ${paint.yellow(reason)}${which}`
  })
  const ofProfiles = profiles === 0 ? [] : [`${number(posts_stored)}${ofDeclared(posts_declared)}`, ...gaps]
  return [...ofProfiles, ...namedInShort(named_posts, paint), ...collectionsInShort(report)].join(' · ')
}

/** What stands of the playlists, tags and searches that the list names: `117 of 120 in 2 playlists`. */
const collectionsInShort = (report: CompletenessReport): readonly string[] =>
  HOLDING_KINDS.flatMap(kind => {
    const sums = report[PLURALS[kind]]
    if (sums === null) return []
    const of = sums.items_declared ?? sums.items
    return `${number(sums.posts_stored)} of ${number(of)} in ${counted(sums.asked, kind, PLURALS[kind])}`
  })

/** What became of the posts that the list names: `48 of 50 that the list names · 1 not-found`. */
const namedInShort = (named: CompletenessReport['named_posts'], paint: ChalkInstance): readonly string[] =>
  named === null
    ? []
    : [
        `${number(named.stored)} of ${number(named.asked)} that the list names`,
        ...named.gaps.map(({ posts, reason }) => `${number(posts)} ${paint.yellow(reason)}`),
      ]

/** How many parts of a list are named in a line. */
const NAMED = 3

/** Which posts of a profile are missing and why. */
export const postGaps = (completeness: CompletenessReport, paint: ChalkInstance): string[] =>
  completeness.post_gaps.length === 0
    ? []
    : table(
        completeness.post_gaps.map(({ posts, reason, parts }) => [
          posts,
          posts === 1 ? 'post' : 'posts',
          paint.yellow(
            `${reason}: ${REASON_TEXT[reason] ?? 'no more is known'}${parts.map(part => `, ${printable(part)}`).join('')}`,
          ),
        ]),
      ).split('\n')

/** Comments in one line: how many of how many, and what the rest is. */
export const commentsInShort = (completeness: CompletenessReport, paint: ChalkInstance): string => {
  const gaps = completeness.comment_gaps.map(gap => {
    const count = gap.comments > 0 ? number(gap.comments) : counted(gap.posts, 'post')
    return `${count} ${paint.yellow(gap.reason)}`
  })
  const all = `${counted(completeness.comments_stored, 'comment')}${ofDeclared(completeness.comments_declared)}`
  return [all, ...gaps].join(' · ')
}

/** Which comments are missing and why: sums by reason, then the posts with the largest gaps. */
export const commentGaps = (completeness: CompletenessReport, paint: ChalkInstance): string[] => {
  if (completeness.comment_gaps.length === 0) return []
  const gaps = completeness.comment_gaps.map(({ comments, posts, reason }) => [
    comments,
    `${comments === 1 ? 'comment' : 'comments'} of ${counted(posts, 'post')}`,
    paint.yellow(`${reason}: ${REASON_TEXT[reason] ?? 'no more is known'}`),
  ])
  const posts = completeness.largest_gaps.map(({ post_id, stored, declared, reason }) => [
    `post ${printable(post_id)}`,
    stored,
    'of',
    declared,
    paint.yellow(reason),
  ])
  return [gaps, posts].flatMap(rows => (rows.length === 0 ? [] : table(rows).split('\n')))
}

/** How old the oldest counters are, and how many are older than a month. */
export const countersAge = ({ oldest_at, old_posts, before }: CountersAge): string[] => {
  if (oldest_at === null) return []
  const old = old_posts === 0 ? '' : ` · ${counted(old_posts, 'post')} not fetched since ${moment(before)}`
  return [`the oldest are of ${moment(oldest_at)}${old}`]
}
