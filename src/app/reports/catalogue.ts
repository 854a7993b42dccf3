import { CATALOGUE } from '../../export/catalogue/catalogue.ts'
import type { DescribedTable } from '../../export/catalogue/entry.ts'
import { EXPORT_KINDS, type ExportKind } from '../../export/kinds.ts'
import type { Table } from '../../export/table.ts'
import type { Gives, Network } from '../../networks/contract.ts'
import { EXPORTS } from '../../store/reports/export-rows.ts'

export type CatalogueNetwork = Pick<Network, 'name' | 'title' | 'gives'>

/** All lists that can be exported, with what each column is, means and is filled by; in the order in which they are written. */
export const catalogueOf = (networks: readonly CatalogueNetwork[]): readonly DescribedTable[] =>
  EXPORT_KINDS.map(name => describeTable(name, EXPORTS[name].columns, networks))

const describeTable = (
  name: ExportKind,
  columns: Table['columns'],
  networks: readonly CatalogueNetwork[],
): DescribedTable => ({
  ...CATALOGUE[name],
  name,
  columns: columns.map(column => {
    const entry = CATALOGUE[name].columns[column.name]
    if (entry === undefined) throw new Error(`the catalogue has no ${name}.${column.name}`)
    const given = networks.flatMap(network => {
      const note = noteOf(network.gives, name, entry.told ? column.name : null)
      return note === undefined ? [] : [{ name: network.name, title: network.title, note }]
    })
    return { ...column, ...entry, networks: given }
  }),
})

const RECORDS: Readonly<Partial<Record<ExportKind, keyof Gives>>> = {
  profiles: 'profile',
  posts: 'post',
  media: 'media',
  comments: 'comment',
  likes: 'like',
  collections: 'collection',
  items: 'item',
  relations: 'relation',
  flat: 'post',
}

/** What is said of a column, null = that it is socsync's own. Undefined = the network does not fill it. */
const noteOf = (gives: Gives, name: ExportKind, column: string | null): string | null | undefined => {
  const record = RECORDS[name]
  if (record === undefined) return null
  const fields: Readonly<Record<string, true | string>> | undefined = gives[record]
  if (fields === undefined) return undefined
  const said = column === null ? true : fields[fieldOf(column)]
  return said === true ? null : said
}

const fieldOf = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
