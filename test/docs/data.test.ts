import { describe, expect, it } from 'vitest'
import { personOf } from '../../src/app/privacy/rows.ts'
import { catalogueOf } from '../../src/app/reports/catalogue.ts'
import { CATALOGUE } from '../../src/export/catalogue/catalogue.ts'
import { EXPORT_KINDS } from '../../src/export/kinds.ts'
import { networks } from '../../src/networks/registry.ts'
import { EXPORTS } from '../../src/store/reports/export-rows.ts'
import { dataPage } from '../support/data-page.ts'

describe.each(EXPORT_KINDS)('the catalogue of %s', kind => {
  const { columns, ...table } = CATALOGUE[kind]

  it('describes its columns, each of them and no others', () => {
    expect(Object.keys(columns).sort()).toEqual(EXPORTS[kind].columns.map(({ name }) => name).sort())
    for (const [name, { description }] of Object.entries(columns))
      expect(description, name).toMatch(/\w.*\.$/)
  })

  it('names columns that there are: key, order, facets, what it refers to', () => {
    const names = [...table.key, ...table.facets, ...table.references.flatMap(one => one.columns)]
    for (const name of [...names, ...(table.newest === null ? [] : [table.newest])])
      expect(Object.keys(columns)).toContain(name)
    for (const name of table.key) expect(columns[name], name).toMatchObject({ absent: null })
    for (const { table: other, key } of table.references)
      expect(CATALOGUE[other as keyof typeof CATALOGUE].key).toEqual(key)
  })

  it('says of every column of words what of a person it may hold', () => {
    for (const column of EXPORTS[kind].columns) expect(() => personOf(kind, column)).not.toThrow()
  })

  it('says of every counter what it counts, and of nothing else', () => {
    for (const { name, type } of EXPORTS[kind].columns) {
      const isNumber = type === 'ratio' || (type === 'counter' && !/(^|_)id$|^value$/.test(name))
      expect(columns[name]?.unit !== null, name).toBe(isNumber)
    }
  })
})

it('every column but one is filled by some network, and each field that one gives has a column', () => {
  const tables = catalogueOf(networks)
  const unfilled = tables.flatMap(({ name, columns }) =>
    columns.filter(column => column.networks.length === 0).map(column => `${name}.${column.name}`),
  )
  expect(unfilled.filter(name => !name.startsWith('relations.'))).toEqual(['likes.created_at'])
  const columnsOf = (table: string) => tables.find(({ name }) => name === table)?.columns ?? []
  const tableOf = {
    profile: 'profiles',
    post: 'posts',
    media: 'media',
    comment: 'comments',
    like: 'likes',
    collection: 'collections',
    item: 'items',
    relation: 'relations',
  }
  for (const { gives } of networks)
    for (const [record, fields] of Object.entries(gives))
      for (const field of Object.keys(fields)) {
        const column = field.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
        const table = tableOf[record as keyof typeof tableOf]
        expect(columnsOf(table).map(({ name }) => name)).toContain(column)
      }
})

// Made anew by `npx vitest run test/docs/data.test.ts -u`.
it('docs/data.md is what the catalogue says', async () => {
  await expect(dataPage(catalogueOf(networks))).toMatchFileSnapshot('../../docs/data.md')
})
