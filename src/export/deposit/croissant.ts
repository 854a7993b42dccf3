import type { TabularFormat } from '../formats.ts'
import type { ColumnType } from '../table.ts'
import type { Deposit, DepositTable } from './deposit.ts'
import { columnText, descriptionOf, NO_CREATOR, NO_LICENCE } from './words.ts'

/** Croissant 1.0, http://mlcommons.org/croissant/1.0: what machine learning loads datasets by. */
export const croissant = (deposit: Deposit) => ({
  '@context': CONTEXT,
  '@type': 'sc:Dataset',
  conformsTo: 'http://mlcommons.org/croissant/1.0',
  name: deposit.title,
  description: descriptionOf(deposit),
  version: deposit.version,
  datePublished: deposit.exportedAt.slice(0, 10),
  dateCreated: deposit.collection.from ?? deposit.exportedAt,
  // The folder that it lies in, where nobody has said where that will be.
  url: deposit.url ?? './',
  license: deposit.licence?.url ?? {
    '@type': 'sc:CreativeWork',
    name: 'No licence stated',
    description: NO_LICENCE,
  },
  creator:
    deposit.creators.length === 0
      ? [{ '@type': 'sc:Organization', name: NO_CREATOR }]
      : deposit.creators.map(({ name, orcid, affiliation }) => ({
          '@type': 'sc:Person',
          name,
          ...(orcid !== null && { url: orcid }),
          ...(affiliation !== null && { affiliation: { '@type': 'sc:Organization', name: affiliation } }),
        })),
  keywords: deposit.keywords,
  ...(deposit.collection.published !== null && {
    temporalCoverage: `${deposit.collection.published.from}/${deposit.collection.published.to}`,
  }),
  distribution: deposit.tables.map(table => ({
    '@type': 'cr:FileObject',
    '@id': table.file,
    name: table.file,
    description: table.description,
    contentUrl: table.file,
    contentSize: `${table.bytes} B`,
    encodingFormat: MEDIA_TYPES[deposit.format],
    sha256: table.sha256,
  })),
  recordSet: deposit.tables.map(table => recordSetOf(table, deposit)),
})

const recordSetOf = (table: DepositTable, { format, tables }: Deposit) => ({
  '@type': 'cr:RecordSet',
  '@id': table.name,
  name: table.name,
  description: table.description,
  key: table.key.map(name => ({ '@id': `${table.name}/${name}` })),
  field: table.columns.map(column => ({
    '@type': 'cr:Field',
    '@id': `${table.name}/${column.name}`,
    name: column.name,
    description: columnText(column, table.pseudonymised.includes(column.name)),
    dataType: TYPES[column.type],
    source: {
      fileObject: { '@id': table.file },
      extract: format === 'json' ? { jsonPath: `$[*].${column.name}` } : { column: column.name },
    },
    ...referenceOf(table, tables, column.name),
  })),
})

/** A field refers to one field: of a key of several the one that no other names. */
const referenceOf = ({ references }: DepositTable, tables: Deposit['tables'], column: string): object => {
  for (const { columns, table, key } of references) {
    const at = columns.indexOf(column)
    if (at === columns.length - 1 && tables.some(({ name }) => name === table))
      return { references: { field: { '@id': `${table}/${key[at]}` } } }
  }
  return {}
}

/** As its reader, mlcroissant, knows them. */
const MEDIA_TYPES: Readonly<Record<TabularFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonlines',
  parquet: 'application/x-parquet',
}

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'sc:Text',
  id: 'sc:Text',
  json: 'sc:Text',
  instant: 'sc:DateTime',
  counter: 'sc:Integer',
  ratio: 'sc:Float',
  flag: 'sc:Boolean',
}

/** The context that the specification recommends, which readers look for. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  sc: 'https://schema.org/',
  cr: 'http://mlcommons.org/croissant/',
  dct: 'http://purl.org/dc/terms/',
  conformsTo: 'dct:conformsTo',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  examples: { '@id': 'cr:examples', '@type': '@json' },
  ...Object.fromEntries(
    [
      'citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes isLiveDataset jsonPath key',
      'md5 parentField path recordSet references regex repeated replace separator source subField transform',
    ]
      .join(' ')
      .split(' ')
      .map(word => [word, `cr:${word}`]),
  ),
}
