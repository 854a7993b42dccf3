import type { DescribedColumn } from '../catalogue/entry.ts'
import type { ColumnType } from '../table.ts'
import type { Deposit, DepositTable } from './deposit.ts'
import { MEDIA_TYPES } from './media-types.ts'
import { columnText, descriptionOf } from './words.ts'

/** The Data Package standard 2.0, https://datapackage.org. What it has no word for stands under `socsync`. */
export const dataPackage = (deposit: Deposit) => ({
  $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
  name: 'socsync-export',
  title: deposit.title,
  description: descriptionOf(deposit),
  version: deposit.version,
  created: deposit.exportedAt,
  ...(deposit.url !== null && { homepage: deposit.url }),
  keywords: deposit.keywords,
  ...(deposit.licence !== null && {
    licenses: [
      {
        ...(deposit.licence.id !== null && { name: deposit.licence.id }),
        title: deposit.licence.title,
        path: deposit.licence.url,
      },
    ],
  }),
  ...(deposit.creators.length > 0 && {
    contributors: deposit.creators.map(({ name, orcid, affiliation }) => ({
      title: name,
      roles: ['creator'],
      ...(orcid !== null && { path: orcid }),
      ...(affiliation !== null && { organization: affiliation }),
    })),
  }),
  ...(deposit.networks.length > 0 && { sources: deposit.networks.map(({ title }) => ({ title })) }),
  resources: deposit.tables.map(table => resourceOf(table, deposit)),
  socsync: {
    version: deposit.software,
    real: deposit.real,
    pseudonymised: deposit.pseudonymised,
    chosen: deposit.chosen,
    collection: deposit.collection,
    networks: deposit.networks,
    missing: deposit.gaps,
  },
})

const resourceOf = (table: DepositTable, { format, tables, chosen }: Deposit) => ({
  $schema: 'https://datapackage.org/profiles/2.0/dataresource.json',
  name: table.name,
  type: 'table',
  title: table.title,
  description: table.description,
  path: table.file,
  format,
  mediatype: MEDIA_TYPES[format],
  ...(format !== 'parquet' && { encoding: 'utf-8' }),
  bytes: table.bytes,
  hash: `sha256:${table.sha256}`,
  ...(format === 'csv' && { dialect: { delimiter: ',', lineTerminator: '\r\n', header: true } }),
  ...((format === 'json' || format === 'jsonl') && { dialect: { itemType: 'object' } }),
  schema: {
    $schema: 'https://datapackage.org/profiles/2.0/tableschema.json',
    fields: table.columns.map(column => fieldOf(column, table.pseudonymised.includes(column.name))),
    fieldsMatch: ['exact'],
    ...(format === 'csv' && { missingValues: [''] }),
    primaryKey: table.key,
    ...referencesOf(table, tables, chosen),
  },
  socsync: { rows: table.rows, rows_of: table.rowsOf },
})

/** Of rows that were chosen, those that they are about need not be there. */
const referencesOf = (
  { references }: DepositTable,
  tables: Deposit['tables'],
  { since, job, run }: Deposit['chosen'],
): object => {
  const there = references.filter(({ table }) => tables.some(({ name }) => name === table))
  if (there.length === 0 || [since, job, run].some(value => value !== null)) return {}
  return {
    foreignKeys: there.map(({ columns, table, key }) => ({
      fields: columns,
      reference: { resource: table, fields: key },
    })),
  }
}

const TYPES: Readonly<Record<Exclude<ColumnType, 'json'>, string>> = {
  text: 'string',
  id: 'string',
  instant: 'datetime',
  counter: 'integer',
  ratio: 'number',
  flag: 'boolean',
}

const fieldOf = (column: DescribedColumn, isPseudonymised: boolean) => ({
  name: column.name,
  type: column.type === 'json' ? column.json : TYPES[column.type],
  description: columnText(column, isPseudonymised),
  ...(column.absent === null && { constraints: { required: true } }),
  socsync: {
    type: column.type,
    unit: column.unit,
    pseudonymised: isPseudonymised,
    networks: Object.fromEntries(column.networks.map(({ name, note }) => [name, note])),
    since: column.since,
  },
})
