import jsonld from 'jsonld'

const SC = 'https://schema.org/'
const CR = 'http://mlcommons.org/croissant/'
const BASE = 'https://deposit.example.org/dataset/'

type Node = Readonly<Record<string, unknown>>

/** What the types of columns may be here. */
const TYPES = new Set(['Text', 'Integer', 'Float', 'Boolean', 'DateTime'].map(name => SC + name))

/**
 * What of a document is against Croissant 1.0 (its specification, "Dataset-level information", "Resources", "RecordSets"), by
 * what its words mean and not by how they are spelled: it is read by a processor of JSON-LD, which refuses what means nothing.
 */
export const wrongInCroissant = async (document: unknown): Promise<readonly string[]> => {
  const [dataset, ...others] = (await jsonld.expand(document, { safe: true, base: BASE })) as readonly Node[]
  if (dataset === undefined || others.length > 0) return ['it is not one dataset']
  const wrong: string[] = []
  const want = (holds: boolean, what: string): void => void (holds || wrong.push(what))
  const one = (node: Node, property: string): unknown => {
    const values = list(node, property)
    return values.length === 1 ? (values[0]?.['@value'] ?? values[0]?.['@id']) : undefined
  }

  want(String(dataset['@type']) === `${SC}Dataset`, 'type')
  want(
    one(dataset, 'http://purl.org/dc/terms/conformsTo') === 'http://mlcommons.org/croissant/1.0',
    'version',
  )
  for (const name of ['name', 'description', 'url', 'datePublished', 'version'])
    want(typeof one(dataset, SC + name) === 'string' && one(dataset, SC + name) !== '', name)
  want(/^\d+\.\d+\.\d+$/.test(String(one(dataset, `${SC}version`))), 'version is MAJOR.MINOR.PATCH')
  want(/^\d{4}-\d\d-\d\d$/.test(String(one(dataset, `${SC}datePublished`))), 'datePublished is a day')
  for (const name of ['license', 'creator']) want(list(dataset, SC + name).length > 0, name)

  const ids = new Set<string>()
  const claim = (node: Node): string => {
    const id = String(node['@id'])
    want(!ids.has(id), `${id} names two things`)
    ids.add(id)
    return id
  }
  const files = list(dataset, `${SC}distribution`)
  want(files.length > 0, 'distribution')
  for (const file of files) {
    const id = claim(file)
    want(String(file['@type']) === `${CR}FileObject`, `${id}: type`)
    for (const name of ['name', 'contentUrl', 'contentSize', 'encodingFormat'])
      want(typeof one(file, SC + name) === 'string', `${id}: ${name}`)
    want(/^[\da-f]{64}$/.test(String(one(file, `${SC}sha256`))), `${id}: sha256`)
  }
  const sets = list(dataset, `${CR}recordSet`)
  want(sets.length > 0, 'recordSet')
  const fields = sets.flatMap(set => list(set, `${CR}field`))
  for (const node of [...sets, ...fields]) claim(node)
  for (const set of sets) {
    want(String(set['@type']) === `${CR}RecordSet`, `${set['@id']}: type`)
    const own = new Set(list(set, `${CR}field`).map(field => field['@id']))
    const key = list(set, `${CR}key`)
    want(key.length > 0 && key.every(field => own.has(field['@id'])), `${set['@id']}: key`)
  }
  for (const field of fields) {
    const id = String(field['@id'])
    want(String(field['@type']) === `${CR}Field`, `${id}: type`)
    want(TYPES.has(String(one(field, `${CR}dataType`))), `${id}: dataType`)
    want(typeof one(field, `${SC}description`) === 'string', `${id}: description`)
    const [source] = list(field, `${CR}source`)
    const file = source && one(source, `${CR}fileObject`)
    want(
      files.some(known => known['@id'] === file),
      `${id}: its file`,
    )
    const [extract] = source ? list(source, `${CR}extract`) : []
    const ways = ['column', 'jsonPath'].filter(name => extract && typeof one(extract, CR + name) === 'string')
    want(ways.length === 1, `${id}: extract`)
    for (const reference of list(field, `${CR}references`)) {
      const other = one(reference, `${CR}field`)
      want(
        fields.some(known => known['@id'] === other),
        `${id}: refers to ${other}`,
      )
    }
  }
  return wrong
}

const list = (node: Node, property: string): readonly Node[] => (node[property] ?? []) as readonly Node[]
