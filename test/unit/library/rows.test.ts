import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPORTS } from '../../../src/store/reports/export-rows.ts'

const text = readFileSync(new URL('../../../src/library/rows.ts', import.meta.url), 'utf8')
const TYPES = {
  text: 'string',
  id: 'string',
  instant: 'string',
  json: 'string',
  counter: 'number',
  ratio: 'number',
  flag: 'boolean',
}
const [, map = ''] = /interface RowTypes \{([^}]*)\}/.exec(text) ?? []
const typeOf = new Map([...map.matchAll(/readonly (\w+): (\w+)/g)].map(([, kind, type]) => [kind, type]))

test.each(Object.entries(EXPORTS))(
  'the type of a row of %s has the columns of its export',
  (kind, { columns }) => {
    const [, body = ''] = new RegExp(`interface ${typeOf.get(kind)} \\{([^}]*)\\}`).exec(text) ?? []
    const told = [...body.matchAll(/readonly (\w+): (\w+)/g)].map(([, name, type]) => [name, type])
    expect(told).toEqual(columns.map(({ name, type }) => [name, TYPES[type]]))
  },
)
