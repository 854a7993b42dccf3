import type { ChalkInstance } from 'chalk'
import type { ChangeCount, Diff, Movers } from '../../app/reports/diff.ts'
import type { Change, NewComments } from '../../store/reports/changes.ts'
import { namesBeside } from './called.ts'
import { line, section } from './run.ts'
import { counted, moment, number, printable, table } from './text.ts'

/** What changed, in a screen: new, edited, gone, back again, and what moved most. */
export const showDiff = (diff: Diff, paint: ChalkInstance): string => {
  const { examples, commented, movers } = diff
  const lines = [
    line('diff', periodOf(diff), paint.bold),
    ...kind(
      'new',
      diff,
      [...examples.new.map(change => itemOf(change, paint)), ...commented.map(commentsOf)],
      paint,
    ),
    ...kind(
      'edited',
      diff,
      examples.edited.map(change => editOf(change, paint)),
      paint,
    ),
    ...kind(
      'gone',
      diff,
      examples.gone.map(change => itemOf(change, paint)),
      paint,
    ),
    ...kind(
      'back',
      diff,
      examples.back.map(change => itemOf(change, paint)),
      paint,
    ),
    ...section(
      'moved',
      movers.flatMap(mover => moversOf(mover, paint)),
    ),
    ...(diff.counts.length === 0 ? [line('', 'nothing changed')] : [line('all', allOf(diff))]),
  ]
  return `${lines.join('\n')}\n`
}

const periodOf = ({ run, since, until }: Diff): string => {
  const from = run === null ? 'since' : `run ${run} · from`
  return `${from} ${moment(since)}${until === null ? '' : ` to ${moment(until)}`}`
}

/** The command that names every change. */
const allOf = ({ run, since, network, entity }: Diff): string =>
  [
    'socsync diff',
    run === null ? `--since ${since}` : `--run ${run}`,
    ...(network === null ? [] : [`--network ${network}`]),
    ...(entity === null ? [] : [`--entity ${printable(entity)}`]),
    '--format csv',
  ].join(' ')

/** Counts by network, then some of them. */
const kind = (
  word: ChangeCount['change'],
  { counts }: Diff,
  lines: readonly string[],
  paint: ChalkInstance,
): string[] => {
  const mine = counts.filter(({ change }) => change === word)
  const networks = [...new Set(mine.map(({ network }) => network))].sort()
  const sums = networks.map(network => {
    const parts = mine.filter(one => one.network === network).map(one => counted(one.count, one.subject))
    return `${paint.bold(parts.join(', '))} · ${network}`
  })
  return section(word, [...sums, ...lines.map(text => `  ${text.replaceAll('\n', '\n  ')}`)])
}

const itemOf = (change: Change, paint: ChalkInstance): string => {
  const since =
    change.change === 'back' && change.before !== null
      ? ` ${paint.dim(`· gone since ${moment(change.before)}, seen ${moment(change.at)}`)}`
      : change.change === 'gone'
        ? ` ${paint.dim(`· since ${moment(change.at)}`)}`
        : ''
  return `${change.subject} ${nameOf(change)}${since}`
}

const commentsOf = (post: NewComments): string =>
  `${counted(post.comments, 'comment')} of ${nameOf({ ...post, subject: 'post', subject_id: post.post_id })}`

const editOf = (change: Change, paint: ChalkInstance): string => {
  const [before, after] = cut(oneLine(change.before), oneLine(change.after))
  const who = `${change.field} of ${change.subject} ${nameOf({ ...change, text: null })}`
  return `${who}\n  ${paint.red(`- ${before}`)}\n  ${paint.green(`+ ${after}`)}`
}

/** Who, which, and what it says. */
const nameOf = (
  of: Pick<Change, 'profile' | 'profile_id' | 'profile_name' | 'subject' | 'subject_id' | 'text'>,
  room = 50,
): string => {
  const beside = namesBeside(of.profile_id, { username: of.profile, name: of.profile_name })
  const profile = beside === '' ? printable(of.profile_id) : `${beside} (${printable(of.profile_id)})`
  if (of.subject === 'profile') return profile
  const text = of.text === null || of.text === '' ? '' : ` “${short(oneLine(of.text), room)}”`
  return `${of.subject_id} of ${profile}${text}`
}

const moversOf = (mover: Movers, paint: ChalkInstance): string[] => {
  const { up, down, hidden, shown, subject, field } = mover
  const ways = Object.entries({ up, down, 'now hidden': hidden, 'now shown': shown })
    .filter(([, count]) => count > 0)
    .map(([way, count]) => `${number(count)} ${way}`)
  const rows = mover.largest.map(moved => [
    `  ${nameOf(moved, 30)}`,
    countOf(moved.from),
    '→',
    countOf(moved.to),
    differenceOf(moved, paint),
  ])
  const head = `${paint.bold(field)} of ${counted(up + down + hidden + shown, subject)} · ${ways.join(', ')}`
  return [head, ...(rows.length === 0 ? [] : table(rows).split('\n'))]
}

const countOf = (value: number | null): string | number => value ?? 'not told'

const differenceOf = ({ from, to, difference, percent }: Change, paint: ChalkInstance): string => {
  if (to === null) return paint.yellow('hidden')
  if (from === null || difference === null) return paint.cyan('shown')
  const sign = difference > 0 ? '+' : '−'
  const relative = percent === null ? '' : ` (${sign}${Math.abs(percent).toLocaleString('en-GB')} %)`
  return (difference > 0 ? paint.green : paint.red)(`${sign}${number(Math.abs(difference))}${relative}`)
}

const ROOM = 70
const LEAD = 20

/** Two texts from shortly before they part, so that a change at the end of a long caption is seen. */
const cut = (before: string, after: string): [string, string] => {
  let same = 0
  while (same < before.length && before[same] === after[same]) same += 1
  const start = same > ROOM - LEAD ? same - LEAD : 0
  const from = (text: string): string => short(start === 0 ? text : `…${text.slice(start)}`, ROOM)
  return [from(before), from(after)]
}

const oneLine = (text: string | null): string =>
  text === null ? '(none)' : printable(text.replaceAll(/\s+/g, ' '))

const short = (text: string, room: number): string => {
  const characters = Array.from(text)
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`
}

/** The same for programs: counters as numbers, ids as text, names in `snake_case`. */
export const diffJson = (diff: Diff): object => ({
  since: diff.since,
  until: diff.until,
  run: diff.run,
  network: diff.network,
  entity: diff.entity,
  counts: diff.counts,
  ...diff.examples,
  new_comments: diff.commented,
  moved: diff.movers,
})
