import type { DescribedColumn, DescribedTable } from '../../src/export/catalogue/entry.ts'

const HEAD = `# The data

What every list that can be exported holds, column by column, made from the code (\`npx vitest run test/docs/data.test.ts -u\`). The same words stand in
[packages](commands.md#a-dataset-to-deposit), where programs read them.

- Types: \`text\`; \`id\`, which is text however it looks; \`instant\`, a moment in UTC as \`2026-03-01T12:00:00.000Z\`; \`counter\`, a whole number; \`ratio\`, a
  fraction; \`flag\`, \`true\` or \`false\`; \`json\`, text that holds JSON. [Parquet](commands.md#output) has them as types of its own.
- Absent: what an empty cell, or null, says; "never" where there always is a value. A counter that is hidden is absent, never zero.
- Networks: those that ever fill the column, with what is particular about one.
- Since: the version that first had it.
- Words such as \`not-read\` are those of [reasons](reasons.md#reasons) and [error types](reasons.md#error-types). Columns that say "worked out" are made while they are
  written; those that say "kept" may name who asked, and are left out of packages.
`

/** `docs/data.md` from the catalogue. */
export const dataPage = (tables: readonly DescribedTable[]): string =>
  [HEAD, ...tables.map(sectionOf)].join('\n')

const sectionOf = (table: DescribedTable): string => `## ${table.title}

\`export ${table.name}\`${table.table === null || table.table === table.name ? '' : `, in the database \`${table.table}\``}. ${table.description} One row has one ${list(table.key.map(code))}.${table.references
  .map(
    ({ columns, table: other, key }) =>
      ` ${list(columns.map(code))} ${columns.length === 1 ? 'is' : 'are'} ${list(key.map(code))} of ${other}.`,
  )
  .join('')}

| column | type | unit | means | absent | networks | since |
|---|---|---|---|---|---|---|
${table.columns.map(rowOf(allOf(table))).join('\n')}
`

const rowOf =
  (all: number) =>
  (column: DescribedColumn): string => {
    const marks = [column.workedOut ? 'worked out' : '', column.kept ? 'kept' : ''].filter(Boolean)
    const means = `${column.description}${marks.length === 0 ? '' : ` *(${marks.join(', ')})*`}`
    const notes = column.networks.some(({ note }) => note !== null)
    const networks =
      column.networks.length === 0
        ? 'none'
        : column.networks.length === all && !notes
          ? 'all'
          : column.networks.map(({ title, note }) => (note === null ? title : `${title}: ${note}`)).join('; ')
    const cells = [
      code(column.name),
      column.type,
      column.unit ?? '',
      means,
      column.absent ?? 'never',
      networks,
    ]
    return `| ${[...cells, column.since].join(' | ')} |`
  }

const allOf = ({ columns }: DescribedTable): number =>
  Math.max(...columns.map(({ networks }) => networks.length))

const code = (name: string): string => `\`${name}\``
const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
