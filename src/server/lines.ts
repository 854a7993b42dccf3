import { Readable } from 'node:stream'
import { z } from 'zod'

/** Lists of rows that are JSON already: as pages, or as a stream of lines for whoever asks for those. */

export const NDJSON = 'application/x-ndjson'

/** Rows that a stream reads at once: it takes the memory of so many, however long the list. */
export const BUNDLE = 500

/** What the document says of such a list, and of its answer 200. */
export const LISTED = `In pages whose order does not change while rows are written, or with \`Accept: ${NDJSON}\` as a stream of lines.`
export const listOf = (page: z.ZodType) => ({
  description: 'A page, or all from the cursor on',
  content: {
    'application/json': { schema: page },
    [NDJSON]: { schema: z.string().meta({ description: 'Each line a row' }) },
  },
})

/** A page of a list, and where the next one begins; null = it is the last. */
export interface Lines<Place> {
  readonly lines: readonly string[]
  readonly next: Place | null
}

export const wantsLines = (accept: string | undefined): boolean =>
  accept?.split(',').some(one => one.trim().startsWith(NDJSON)) ?? false

const START = Buffer.from('{"items":[')
const COMMA = Buffer.from(',')
const LINE_END = Buffer.from('\n')

// Row by row: one caption with an emoji would make all of a long text slow to encode.
const withEach = (lines: readonly string[], end: Buffer): Buffer[] =>
  lines.flatMap(line => [Buffer.from(line), end])

/** The body of a page; `next` = the cursor of the next one. */
export const pageOfLines = (lines: readonly string[], next: string | null): Buffer =>
  Buffer.concat([
    START,
    ...withEach(lines, COMMA).slice(0, -1),
    Buffer.from(`],"next":${JSON.stringify(next)}}`),
  ])

/**
 * All rows from a first page on, each on a line of its own. Pages are read as fast as they are taken: a slow reader
 * holds nothing up, and no transaction stays open. Ends early where the server stops.
 */
export const streamOfLines = <Place>(
  first: Lines<Place>,
  read: (after: Place) => Promise<Lines<Place> | null>,
  stopping: AbortSignal,
): Readable =>
  Readable.from(
    (async function* () {
      for (let page: Lines<Place> | null = first; page !== null; ) {
        if (page.lines.length > 0) yield Buffer.concat(withEach(page.lines, LINE_END))
        if (page.next === null || stopping.aborted) return
        page = await read(page.next)
      }
    })(),
  )
