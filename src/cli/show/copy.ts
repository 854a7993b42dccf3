import type { Copied } from '../../store/admin/copy.ts'
import { counted, printable, table } from './text.ts'

/** What was copied, by table; that all of it is the same was found before this is said. */
export const showCopied = ({ from, to, wentOn, tables }: Copied): string => {
  const filled = Object.entries(tables).filter(([, { rows }]) => rows > 0)
  const all = filled.reduce((sum, [, { rows }]) => sum + rows, 0)
  return [
    `${printable(to)} is a copy of ${printable(from)}: ${counted(all, 'row')}, counts and SHA-256 of all ${Object.keys(tables).length} tables are the same`,
    ...(wentOn ? ['it went on where it had been stopped'] : []),
    ...(filled.length === 0 ? [] : [table(filled.map(([name, { rows }]) => [`  ${name}`, rows]))]),
    '',
  ].join('\n')
}

export const copyJson = ({ from, to, wentOn, tables }: Copied): object => ({
  from,
  to,
  went_on: wentOn,
  tables,
})
