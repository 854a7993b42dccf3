import type { ChangeExample, ReportData } from '../data.ts'
import { section } from '../figure.ts'
import { type Html, html, type Piece } from '../html.ts'
import { table } from '../table.ts'
import { day, moment, networkName, number, percent, short, signed } from '../words.ts'

const CHANGES: Readonly<Record<string, string>> = {
  new: 'new',
  edited: 'edited',
  gone: 'gone',
  back: 'back again',
  moved: 'moved',
}
const TEXT = 80

/** `followers_count` as `followers`, `view_count` as `views`. */
const fieldName = (field: string): string =>
  field.endsWith('s_count')
    ? field.slice(0, -'_count'.length)
    : field.replace(/_count$/, 's').replaceAll('_', ' ')

const own = (text: string | null): Piece =>
  text === null ? '–' : html`<bdi dir="auto">${short(text, TEXT)}</bdi>`

/** What changed: how much, what was edited, went or came back, and what moved most. */
export const changes = ({ changes: { since, counts, examples, movers } }: ReportData): Html => {
  if (since === null || counts.length === 0)
    return section(
      'changes',
      'What changed',
      html`<p>Nothing changed${since === null ? null : ` since ${moment(since)}`}.</p>`,
    )
  return section(
    'changes',
    'What changed',
    html`
<p>Since ${moment(since)}: what was seen for the first time, was edited, went, or came back, and whose counters moved.</p>
${table(
  'Changes',
  ['change', 'network', 'of what', 'how many'],
  counts.map(({ change, network, subject, count }) => [
    CHANGES[change] ?? change,
    networkName(network),
    `${change === 'moved' ? 'counters of ' : ''}${subject === 'media' ? subject : `${subject}s`}`,
    count,
  ]),
)}
${
  movers.length === 0
    ? null
    : table(
        'What moved most',
        ['whose', 'counter', 'from', 'to', 'change', 'in per cent'],
        movers.map(({ who, subject, field, from, to, difference, percent: share }) => [
          html`${own(who)}${subject === 'profile' ? null : html` <small>a ${subject}</small>`}`,
          fieldName(field),
          from === null ? 'hidden' : number(from),
          to === null ? 'hidden' : number(to),
          signed(difference),
          percent(share),
        ]),
      )
}
${
  examples.length === 0
    ? null
    : table(
        'Edited, gone, and back again: the first of each',
        ['what', 'of whom', 'seen', 'change', 'before', 'after'],
        examples.map(one => [
          html`${one.subject}${one.text === null || one.subject === 'profile' ? null : html`: ${own(one.text)}`}`,
          own(one.who),
          day(one.at),
          saidOf(one),
          one.change === 'edited'
            ? own(one.before)
            : one.before === null
              ? '–'
              : `gone since ${day(one.before)}`,
          one.change === 'edited' ? own(one.after) : '–',
        ]),
      )
}`,
  )
}

const saidOf = ({ change, field }: ChangeExample): string =>
  change === 'edited' && field !== null ? `${fieldName(field)} edited` : (CHANGES[change] ?? change)
