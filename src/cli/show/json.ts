/** One object for programs: `schema` counts up when a key changes its meaning. Ids are strings, counters numbers. */
export const showJson = (object: object): string => `${JSON.stringify({ schema: 1, ...object }, null, 2)}\n`
