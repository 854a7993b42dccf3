import { stripVTControlCharacters } from 'node:util'
import { Chalk, type ChalkInstance } from 'chalk'

/** Text of somebody else, safe to print: control characters, which could move the cursor or hide a line, become U+FFFD. */
export const printable = (text: string): string =>
  text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u{fffd}')

/** Colours for a stream: none where it is no terminal, with NO_COLOR, or with --no-color. */
export const paint = (stream: NodeJS.WriteStream, wanted: boolean): ChalkInstance =>
  new Chalk({ level: wanted && stream.isTTY && !process.env.NO_COLOR ? 1 : 0 })

/** 1204 as `1,204`. By hand where that is all: the first text of `toLocaleString` takes a tenth of what `status` takes. */
export const number = (value: number): string =>
  Number.isSafeInteger(value)
    ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
    : value.toLocaleString('en-GB')

/** `1 profile`, `20 profiles`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`

/** Milliseconds as people say them: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export const duration = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** `2026-11-23T00:05:00.000Z` as `2026-11-23 00:05 UTC`. */
export const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`

/** A moment to come as it is, and how far off it is by then: `2026-11-23 00:05 UTC, in 1 h 20 min`. `now` epoch ms. */
export const momentIn = (at: string, now: number): string => {
  const left = Date.parse(at) - now
  return left <= 0 ? moment(at) : `${moment(at)}, in ${duration(Math.max(left, 1000))}`
}

/** Rows in columns that line up; numbers to the right. Colours take no room. */
export const table = (rows: readonly (readonly (string | number)[])[], gap = 2): string => {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(shown(cell)))
    })
  }
  return rows
    .map(row =>
      row
        .map((cell, column) => {
          const text = shown(cell)
          const room = ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(text)))
          if (typeof cell === 'number') return room + text
          return column === row.length - 1 ? text : text + room
        })
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    .join('\n')
}

/** Where a terminal is narrower than this, lines are left to it. */
const NARROW = 40

/**
 * A screen as wide as the terminal that it is for, its longer lines broken at words; what is broken off stands under the
 * last column of its line, at least `indent` deep. What is no terminal gets each line whole.
 */
export const fitted = (
  text: string,
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  indent: number,
): string => {
  if (isTTY !== true || columns === undefined || columns < NARROW) return text
  return text
    .split('\n')
    .map(line => broken(line, columns, indent))
    .join('\n')
}

/** A command that is named to be pasted: broken in two, it would be two. */
const COMMAND = /^(next)? +socsync \S+/

const broken = (line: string, columns: number, indent: number): string => {
  if (widthOf(line) <= columns || COMMAND.test(stripVTControlCharacters(line))) return line
  const ends = [...stripVTControlCharacters(line).matchAll(/ {2,}/g)].map(gap => gap.index + gap[0].length)
  const under = Math.max(indent, ends.findLast(end => end <= columns / 2) ?? 0)
  const lines: string[] = []
  let begun = ''
  const add = (part: string): void => {
    if (begun !== '' && widthOf(begun + part) > columns) {
      lines.push(begun)
      begun = ' '.repeat(under) + part.trimStart()
    } else begun += part
  }
  // A cell of a table stays whole where a line has room for it.
  for (const cell of line.match(/ *[^ ]+(?: [^ ]+)*/g) ?? []) {
    if (under + widthOf(cell.trimStart()) <= columns) add(cell)
    else for (const word of cell.match(/ *[^ ]+/g) ?? []) add(word)
  }
  return [...lines, begun].join('\n')
}

/** Columns that a text takes: colours take none. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length

const shown = (cell: string | number): string => (typeof cell === 'number' ? number(cell) : cell)
