import type { ChalkInstance } from 'chalk'
import { transformHint } from '../../app/reports/messages.ts'
import { openOf, type TransformOutcome } from '../../app/transform.ts'
import type { TransformReport } from '../../store/reports/transform-report.ts'
import { pasted, pastedIn } from '../pasted.ts'
import { line, section } from './run.ts'
import { counted, moment, number, printable } from './text.ts'

/** Each version of each transform in a few lines: how far it is, what failed and why, when it goes on. */
export const showTransforms = (reports: readonly TransformReport[], paint: ChalkInstance): string =>
  reports.length === 0
    ? 'nothing is queued for a transform\n'
    : `${reports.map(report => linesOf(report, paint).join('\n')).join('\n\n')}\n`

const linesOf = (report: TransformReport, paint: ChalkInstance): readonly string[] => {
  const { transform, version, elements, polls, most_polls, errors, next_poll_at } = report
  const counts = WORDS.flatMap(([status, said]) =>
    elements[status] === 0 ? [] : [COLOURS[status](paint)(`${number(elements[status])} ${said}`)],
  )
  return [
    line(transform, [`version ${version}`, ...counts].join(' · '), paint.bold),
    ...section(
      'asked',
      polls === 0 ? [] : [`${counted(polls, 'time')}, ${number(most_polls)} of one element at most`],
    ),
    ...section(
      'errors',
      errors.map(({ error_type, elements: count, message }) => {
        const said = message === null ? '' : `\n${paint.dim(printable(message))}`
        return `${paint.red(error_type)} on ${counted(count, 'element')}: ${transformHint(error_type)}${said}`
      }),
    ),
    ...section(
      'next',
      next_poll_at === null
        ? []
        : [`${pasted(`socsync transform run ${transform}`)}\nfrom ${moment(next_poll_at)}`],
    ),
  ]
}

const WORDS = [
  ['done', 'done'],
  ['failed', 'failed'],
  ['processing', 'processing'],
  ['pending', 'pending with the service'],
  ['queued', 'not submitted yet'],
] as const

const COLOURS: Readonly<Record<keyof TransformReport['elements'], (paint: ChalkInstance) => ChalkInstance>> =
  {
    done: paint => paint.green,
    failed: paint => paint.red,
    processing: paint => paint.cyan,
    pending: paint => paint.dim,
    queued: paint => paint.dim,
  }

/** The same, with what this call did and why it stopped. */
export const showTransformOutcome = (
  { queued, stops, reports }: TransformOutcome,
  paint: ChalkInstance,
): string => {
  const stopped = stops.map(({ transform, errorType, message, until }) => {
    const when = until === null ? '' : ` Not before ${moment(new Date(until).toISOString())}.`
    return `${transform} stopped: ${paint.red(errorType)}: ${transformHint(errorType)}.${when}\n${' '.repeat(10)}${paint.dim(printable(message))}`
  })
  const found = `${counted(queued, 'element')} new or changed`
  return `${[found, ...stopped].join('\n')}\n${showTransforms(reports, paint)}`
}

/** What of it needs a person, for standard error: what is wrong, and what to do. A limit and a service that is away pass by themselves. */
export const showTransformNeeds = ({ failed, stops }: TransformOutcome): string => {
  const stopped = stops
    .filter(({ errorType }) => !PASSING.includes(errorType))
    .map(({ transform, errorType, message }) => {
      const what = `${transform}: ${errorType}: ${printable(message)}`
      return `socsync: ${what}\n  ${pastedIn(transformHint(errorType))}\n`
    })
  const lost = `socsync: ${counted(failed, 'element')} failed\n  ${pasted('socsync transform status')} tells why, ${pasted('socsync transform retry')} asks once more\n`
  return [...stopped, ...(failed > 0 ? [lost] : [])].join('')
}

const PASSING: readonly string[] = ['quota_exhausted', 'rate_limited', 'unreachable']

/** The same for programs. */
export const transformOutcomeJson = ({ queued, failed, stops, reports }: TransformOutcome) => ({
  queued,
  failed,
  stops: stops.map(({ transform, errorType, message, until }) => ({
    transform,
    error_type: errorType,
    message,
    not_before: until === null ? null : new Date(until).toISOString(),
  })),
  transforms: reports,
})

/** What a run queued: a line for each transform. */
export const showQueued = (reports: readonly TransformReport[]): string =>
  reports
    .filter(report => openOf(report) > 0)
    .map(report => {
      const next = pasted(`socsync transform run ${report.transform}`)
      return `${line(report.transform, `${counted(openOf(report), 'element')} queued; next:\n${next}`)}\n`
    })
    .join('')
