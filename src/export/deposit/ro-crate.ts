import type { Creator, Deposit, DepositTable } from './deposit.ts'
import { MEDIA_TYPES } from './media-types.ts'
import { descriptionOf, NO_LICENCE } from './words.ts'

type Entity = Readonly<Record<string, unknown>> & { readonly '@id': string }

const SPECIFICATION = 'https://w3id.org/ro/crate/1.2'
const SOFTWARE = '#socsync'

/** RO-Crate 1.2, https://w3id.org/ro/crate/1.2: a flat graph of the dataset, its files, who made it, and by what. */
export const roCrate = (
  deposit: Deposit,
  beside: readonly { readonly name: string; readonly is: string }[],
) => {
  const licence = licenceOf(deposit)
  const creators = deposit.creators.flatMap(entitiesOf)
  const persons = creators.filter(entity => entity['@type'] === 'Person')
  const terms = deposit.networks.map(({ name, title, terms: lines }) => ({
    '@id': `#terms-${name}`,
    '@type': 'CreativeWork',
    name: `Terms of ${title}`,
    description: lines.join(' '),
  }))
  const actions = actionsOf(deposit)
  const files = [...deposit.tables.map(table => fileOf(table, deposit)), ...beside.map(documentOf)]
  const root: Entity = {
    '@id': './',
    '@type': 'Dataset',
    name: deposit.title,
    description: descriptionOf(deposit),
    version: deposit.version,
    datePublished: deposit.exportedAt.slice(0, 10),
    license: refer(licence),
    keywords: deposit.keywords,
    ...(deposit.url !== null && { url: deposit.url }),
    ...(persons.length > 0 && { author: persons.map(refer), creator: persons.map(refer) }),
    ...(deposit.collection.published !== null && {
      temporalCoverage: `${deposit.collection.published.from}/${deposit.collection.published.to}`,
    }),
    ...(terms.length > 0 && { usageInfo: terms.map(refer) }),
    mentions: actions.map(refer),
    hasPart: files.map(refer),
  }
  return {
    '@context': `${SPECIFICATION}/context`,
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        conformsTo: { '@id': SPECIFICATION },
        about: refer(root),
      },
      root,
      ...files,
      licence,
      ...creators,
      ...terms,
      ...actions,
      {
        '@id': SOFTWARE,
        '@type': 'SoftwareApplication',
        name: 'socsync',
        softwareVersion: deposit.software,
      },
    ],
  }
}

const refer = (entity: Entity): { readonly '@id': string } => ({ '@id': entity['@id'] })

const fileOf = (table: DepositTable, { format, exportedAt }: Deposit): Entity => ({
  '@id': table.file,
  '@type': 'File',
  name: table.title,
  description: `${table.description} ${table.rows} rows; datapackage.json describes each column.`,
  encodingFormat: MEDIA_TYPES[format],
  contentSize: String(table.bytes),
  sha256: table.sha256,
  dateModified: exportedAt,
})

const documentOf = ({ name, is }: { readonly name: string; readonly is: string }): Entity => ({
  '@id': name,
  '@type': 'File',
  name,
  description: is,
  encodingFormat: name.endsWith('.json')
    ? 'application/json'
    : name.endsWith('.md')
      ? 'text/markdown'
      : 'text/plain',
})

const licenceOf = ({ licence }: Deposit): Entity =>
  licence === null
    ? {
        '@id': '#no-licence',
        '@type': 'CreativeWork',
        name: 'No licence stated',
        description: NO_LICENCE,
      }
    : {
        '@id': licence.url,
        '@type': 'CreativeWork',
        name: licence.title,
        description: `The licence of this dataset: ${licence.id ?? licence.title}.`,
        ...(licence.id !== null && { identifier: licence.id }),
      }

const entitiesOf = ({ name, orcid, affiliation }: Creator, at: number): readonly Entity[] => {
  const organisation: Entity | null =
    affiliation === null
      ? null
      : { '@id': `#organisation-${at + 1}`, '@type': 'Organization', name: affiliation }
  return [
    {
      '@id': orcid ?? `#creator-${at + 1}`,
      '@type': 'Person',
      name,
      ...(organisation !== null && { affiliation: refer(organisation) }),
    },
    ...(organisation === null ? [] : [organisation]),
  ]
}

/** What made it: runs that collected, and the export. */
const actionsOf = ({ collection, exportedAt, tables, chosen }: Deposit): readonly Entity[] => [
  ...(collection.from === null
    ? []
    : [
        {
          '@id': '#collection',
          '@type': 'CreateAction',
          name: 'Collection',
          description: `${collection.runs} runs of socsync: ${JSON.stringify(collection.asked)}`,
          instrument: { '@id': SOFTWARE },
          startTime: collection.from,
          ...(collection.to !== null && { endTime: collection.to }),
          result: { '@id': './' },
        },
      ]),
  {
    '@id': '#export',
    '@type': 'CreateAction',
    name: 'Export',
    description: `socsync export all --package: ${JSON.stringify(chosen)}`,
    instrument: { '@id': SOFTWARE },
    endTime: exportedAt,
    result: tables.map(({ file }) => ({ '@id': file })),
  },
]
