import type { Look, Tally } from '../tally.ts'
import { wrapped } from '../wrapped.ts'

const INDENT = '  '

/** A network's progress for a terminal: a bar and what is told of it, on as many lines as the width takes. */
export const drawn = (tally: Tally, look: Look, columns: number, colour: boolean): readonly string[] => {
  const size = Math.min(24, Math.max(5, Math.floor(columns / 6)))
  const full = Math.round(tally.share * size)
  const bar = '█'.repeat(full) + '░'.repeat(size - full)
  const [first = '', ...rest] = tally.parts(look)
  const lines: string[] = []
  let line = `${bar} ${first}`
  for (const part of rest) {
    if (`${line} · ${part}`.length <= columns) line += ` · ${part}`
    else {
      lines.push(line)
      line = `${INDENT}${part}`
    }
  }
  const all = [...lines, line].flatMap(one => folded(one, columns))
  const [head = '', ...more] = all
  return [
    colour && head.startsWith(bar) ? `\u001b[36m${bar}\u001b[0m${head.slice(bar.length)}` : head,
    ...more,
  ]
}

/** A line that is too long by itself, at its words; in the end by force. */
const folded = (line: string, columns: number): readonly string[] =>
  line.length <= columns
    ? [line]
    : wrapped(line, columns - INDENT.length).map((part, index) =>
        `${index === 0 ? '' : INDENT}${part}`.slice(0, columns),
      )

/** The same as a line for a file. */
export const inOneLine = (tally: Tally, look: Look): string => tally.parts(look).join(' · ')
