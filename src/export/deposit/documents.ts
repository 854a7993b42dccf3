import { croissant } from './croissant.ts'
import { dataPackage } from './data-package.ts'
import { datasette } from './datasette.ts'
import type { Deposit } from './deposit.ts'
import { readMe } from './read-me.ts'
import { roCrate } from './ro-crate.ts'

/** The files beside the tables of a dataset, and what each is. */
const DOCUMENTS = [
  { name: 'README.md', is: 'What this is, for people.' },
  {
    name: 'list.txt',
    is: 'The profiles that were asked for, one a line: `socsync run --ids list.txt` asks again.',
  },
  { name: 'datapackage.json', is: 'Tables and columns, as a Data Package of Frictionless.' },
  { name: 'croissant.json', is: 'The same as Croissant, for machine learning.' },
  { name: 'metadata.json', is: 'The same for Datasette, on the database itself.' },
  { name: 'ro-crate-metadata.json', is: 'Dataset, files, authors and how it was made, as an RO-Crate.' },
] as const

type DocumentName = (typeof DOCUMENTS)[number]['name']

/** The manifest that every whole export has. */
const MANIFEST = { name: 'manifest.json', is: 'Every file with its size and checksum, written last.' }

export const DOCUMENT_NAMES: readonly DocumentName[] = DOCUMENTS.map(({ name }) => name)

/** Their texts, all from one description; `list` = the profiles that were asked for. */
export const writeDocuments = (
  deposit: Deposit,
  list: readonly string[],
): readonly { readonly name: DocumentName; readonly text: string }[] => {
  // Nobody can be asked for by a pseudonym.
  const documents = DOCUMENTS.map(document =>
    document.name === 'list.txt' && deposit.pseudonymised === 'all'
      ? { ...document, is: 'The profiles that were asked for, one a line, by their pseudonyms.' }
      : document,
  )
  const beside = [...documents.filter(({ name }) => name !== 'ro-crate-metadata.json'), MANIFEST]
  const texts: Readonly<Record<DocumentName, string>> = {
    'README.md': readMe(deposit, [...documents.filter(({ name }) => name !== 'README.md'), MANIFEST]),
    'list.txt': list.map(line => `${line}\n`).join(''),
    'datapackage.json': jsonOf(dataPackage(deposit)),
    'croissant.json': jsonOf(croissant(deposit)),
    'metadata.json': jsonOf(datasette(deposit)),
    'ro-crate-metadata.json': jsonOf(roCrate(deposit, beside)),
  }
  return DOCUMENTS.map(({ name }) => ({ name, text: texts[name] }))
}

const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
