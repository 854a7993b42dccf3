import type { ReportData } from '../data.ts'
import { section } from '../figure.ts'
import { type Html, html } from '../html.ts'
import { table } from '../table.ts'
import { counted, day, networkName, number } from '../words.ts'

/** What is missing and why: profiles, posts, comments. */
export const missing = ({ missing: of }: ReportData): Html =>
  section(
    'missing',
    'What is missing, and why',
    html`
<p>Stored are ${counted(of.postsStored, 'post')}${ofDeclared(of.postsDeclared)}, and ${counted(of.commentsStored, 'comment')}${ofDeclared(of.commentsDeclared)}, whenever they were published.${
      of.oldestCountersAt === null
        ? null
        : ` Counters are as they were when their post was last read; the oldest are of ${day(of.oldestCountersAt)}.`
    }</p>
${
  of.profiles.length === 0
    ? html`<p>Of every profile all came that was asked for.</p>`
    : table(
        'Profiles of which not all came',
        ['reason', 'means', 'network', 'its job', 'profiles', 'such as'],
        of.profiles.map(({ reason, means, network, status, count, examples }) => [
          reason,
          means,
          networkName(network),
          status,
          count,
          html`${examples.map((name, n) => html`${n === 0 ? null : ', '}<bdi dir="auto">${name}</bdi>`)}${count > examples.length ? ', …' : null}`,
        ]),
      )
}
${
  of.posts.length === 0
    ? null
    : table(
        'Posts that the networks declare and that are not here',
        ['reason', 'means', 'posts', 'profiles'],
        of.posts.map(({ reason, means, posts, profiles }) => [reason, means, posts, profiles]),
      )
}
${
  of.comments.length === 0
    ? null
    : table(
        'Comments that the networks declare and that are not here',
        ['reason', 'means', 'comments', 'of posts'],
        of.comments.map(({ reason, means, comments, posts }) => [reason, means, comments, posts]),
      )
}
${
  of.posts.length === 0 && of.comments.length === 0
    ? html`<p>No post and no comment is missing that a network declares.</p>`
    : null
}`,
  )

const ofDeclared = (declared: number | null): string =>
  declared === null ? '' : ` of ${number(declared)} that the networks declare`
