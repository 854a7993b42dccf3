import type { Command, Help } from 'commander'
import { exitCodesOf } from './exit-codes.ts'
import { wrapped } from './wrapped.ts'

/** Where a description is left fewer columns than this beside its flag, it stands below it. */
const BESIDE = 34
/** Columns for names of flags at most: a longer one has its description below it. */
const WIDEST_TERM = 28
const NO_TERMINAL = 80
const MARGIN = 2

/**
 * The help of every command as wide as what it is written to, with the variables that its flags have and its exit codes. To be told
 * once all commands are there.
 */
export const withHelp = (program: Command): Command => {
  layOut(program, '')
  return program
}

const layOut = (command: Command, name: string): void => {
  command.configureHelp({ minWidthToWrap: 1, formatItem }).configureOutput({
    getOutHelpWidth: () => columnsOf(process.stdout),
    getErrHelpWidth: () => columnsOf(process.stderr),
  })
  for (const part of command.commands) layOut(part, `${name} ${part.name()}`.trim())
  if (command.commands.length > 0 || name === 'help') return
  command.addHelpText('after', ({ error }) => {
    const width = columnsOf(error ? process.stderr : process.stdout)
    return `${listOf('Variables:', variablesOf(command), width)}${listOf('Exit codes:', exitCodesOf(name), width)}`
  })
}

/** Columns of a terminal; COLUMNS, or 80, where there is none. */
export const columnsOf = ({
  isTTY,
  columns,
}: {
  readonly isTTY?: boolean
  readonly columns?: number
}): number => (isTTY === true ? columns : Number(process.env.COLUMNS)) || NO_TERMINAL

/** Terms with what they mean, in two columns where the width allows, under a heading. */
export const listOf = (
  heading: string,
  items: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string => {
  if (items.length === 0) return ''
  const room = Math.min(WIDEST_TERM, Math.max(...items.map(([term]) => term.length)))
  return `\n${heading}\n${items.map(([term, meaning]) => item(term, room, meaning, width)).join('\n')}\n`
}

const item = (term: string, room: number, meaning: string, width: number): string => {
  const margin = ' '.repeat(MARGIN)
  const column = MARGIN + room + MARGIN
  const beside = width - column >= BESIDE
  const indent = ' '.repeat(beside ? column : 3 * MARGIN)
  const lines = wrapped(meaning, width - indent.length)
  if (!beside || term.length > room)
    return [`${margin}${term}`, ...lines.map(line => `${indent}${line}`)].join('\n')
  return [`${margin}${term.padEnd(room)}${margin}`, indent]
    .flatMap((lead, index) =>
      index === 0 ? [lead + (lines[0] ?? '')] : lines.slice(1).map(line => lead + line),
    )
    .join('\n')
}

/** What a shell takes for one word, as far as examples go. */
const QUOTED_WORDS = /(?:'[^']*'|\S)+/g

function formatItem(this: Help, term: string, termWidth: number, description: string): string {
  return item(term, Math.min(WIDEST_TERM, termWidth), description, this.helpWidth ?? NO_TERMINAL)
}

/** What is set for a flag where it is not given; the names are those of the settings. */
const SET_BY_VARIABLE: ReadonlySet<string> = new Set(
  'db config credentials pseudonym-key scope replies lists limit-posts limit-comments concurrency budget max-wait lookback full-every refresh-after raw strict log-format log-file'.split(
    ' ',
  ),
)

const variablesOf = (command: Command): readonly (readonly [name: string, meaning: string])[] => {
  const flags = command.options.flatMap(({ long }) => long?.slice(2) ?? [])
  const names = flags
    .filter(flag => SET_BY_VARIABLE.has(flag))
    .map(flag => `SOCSYNC_${flag.replaceAll('-', '_').toUpperCase()}`)
  return [
    ...(names.length === 0
      ? []
      : [['SOCSYNC_…', `for flags that are not given: ${names.join(', ')}`] as const]),
    ...(flags.includes('no-color') ? [['NO_COLOR', 'no colours'] as const] : []),
    ...(flags.includes('credentials')
      ? [['tokens and keys', 'socsync help environment names their variables'] as const]
      : []),
  ]
}

/**
 * Commands to try, each as it can be pasted at any width: one that is longer than a line goes on behind a `\`. `heading` = what they
 * need, where they do not run as they stand.
 */
export const examplesText = (heading: string, lines: readonly string[], width: number): string =>
  `\n${heading}\n${lines
    .map(line => {
      const [first = '', ...more] = wrapped(line, width - 8, QUOTED_WORDS)
      return [`  $ ${first}`, ...more.map(part => `      ${part}`)].join(' \\\n')
    })
    .join('\n')}`
