/** Lists as lines of JSON, for whoever asks for those. */

export const NDJSON = 'application/x-ndjson'

/** Rows that a stream reads at once: it takes the memory of so many, however long the list. */
export const BUNDLE = 500

export const wantsLines = (accept: string | undefined): boolean =>
  accept?.split(',').some(one => one.trim().startsWith(NDJSON)) ?? false
