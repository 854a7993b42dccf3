import type { ChalkInstance } from 'chalk'
import type { Finding } from '../../app/setup/finding.ts'
import { pasted, pastedIn } from '../pasted.ts'
import { counted, printable } from './text.ts'

/** A line for each thing that was looked at, and below what is not as it should be what mends it. */
export const showFindings = (findings: readonly Finding[], paint: ChalkInstance): string => {
  const width = Math.max(...findings.map(({ subject }) => subject.length))
  const marks = { ok: paint.green('ok   '), note: paint.yellow('note '), wrong: paint.red('wrong') }
  const lines = findings.map(({ subject, state, said, remedy }) => {
    const line = `${marks[state]}  ${subject.padEnd(width)}  ${printable(pastedIn(said))}`
    return remedy === null ? line : `${line}\n${' '.repeat(7 + width + 2)}${printable(mended(remedy))}`
  })
  const wrong = findings.filter(({ state }) => state === 'wrong').length
  const end =
    wrong === 0 ? 'nothing is in the way of a run' : `${counted(wrong, 'thing is', 'things are')} wrong`
  return `${lines.join('\n')}\n\n${end}\n`
}

const mended = (remedy: string): string => (/^socsync /.test(remedy) ? pasted(remedy) : pastedIn(remedy))

/** The same for programs. */
export const findingsJson = (findings: readonly Finding[]) => ({
  ok: findings.every(({ state }) => state !== 'wrong'),
  findings: findings.map(({ subject, state, said, remedy }) => ({
    subject,
    state,
    said,
    remedy: remedy === null ? null : mended(remedy),
  })),
})
