/** Lists of rows that are JSON already, as pages and as streams of lines. */

export const NDJSON = 'application/x-ndjson'

/** Rows that a stream reads at once: it takes the memory of so many, however long the list. */
export const BUNDLE = 500

export const wantsLines = (accept: string | undefined): boolean =>
  accept?.split(',').some(one => one.trim().startsWith(NDJSON)) ?? false

const START = Buffer.from('{"items":[')
const COMMA = Buffer.from(',')
const LINE_END = Buffer.from('\n')

/** A page of rows; `next` = the cursor of the next one. */
export const pageOfLines = (lines: readonly string[], next: string | null): Buffer =>
  Buffer.concat([
    START,
    ...lines.flatMap((line, index) => (index === 0 ? [Buffer.from(line)] : [COMMA, Buffer.from(line)])),
    Buffer.from(`],"next":${JSON.stringify(next)}}`),
  ])

/** Each row on a line of its own. */
export const streamOfLines = (lines: readonly string[]): Buffer =>
  // Row by row: one caption with an emoji would make all of a long text slow to encode.
  Buffer.concat(lines.flatMap(line => [Buffer.from(line), LINE_END]))
