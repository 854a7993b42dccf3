import type { Deposit, DepositTable } from './deposit.ts'
import { columnText, summaryOf } from './words.ts'

/** Metadata of Datasette, https://docs.datasette.io/en/stable/metadata.html, for the database that the rows are of. */
export const datasette = (deposit: Deposit) => ({
  title: deposit.title,
  description: summaryOf(deposit),
  ...(deposit.licence !== null && {
    license: deposit.licence.title,
    license_url: deposit.licence.url,
  }),
  source: deposit.networks.map(({ title }) => title).join(', '),
  about: `socsync ${deposit.software}`,
  ...(deposit.url !== null && { about_url: deposit.url }),
  databases: {
    [deposit.database]: {
      tables: Object.fromEntries(
        deposit.tables.flatMap(table => (table.table === null ? [] : [[table.table, tableOf(table)]])),
      ),
    },
  },
})

const tableOf = (table: DepositTable) => {
  const columns = table.columns.filter(({ workedOut }) => !workedOut)
  const there = (names: readonly string[]): string[] =>
    names.filter(name => columns.some(column => column.name === name))
  return {
    title: table.title,
    description: table.description,
    columns: Object.fromEntries(
      columns.map(column => [column.name, columnText(column, table.storedPseudonyms.includes(column.name))]),
    ),
    units: Object.fromEntries(
      columns.flatMap(({ name, unit }) =>
        UNITS[unit ?? ''] === undefined ? [] : [[name, UNITS[unit ?? '']]],
      ),
    ),
    facets: there(table.facets),
    ...(table.newest !== null && { sort_desc: table.newest }),
    ...(table.label !== null && { label_column: table.label }),
  }
}

/** As Pint calls them; a count has none, and neither has a ratio. */
const UNITS: Readonly<Record<string, string>> = { milliseconds: 'ms', pixels: 'px' }
