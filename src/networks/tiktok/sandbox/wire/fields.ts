import type { SandboxRequest } from '../../../sandbox.ts'
import { invalid } from './reply.ts'
import type { Wire } from './write-json.ts'

/** How each field of a thing is read, by its name in `fields`; undefined = the key is left out. */
export type FieldTable<T> = Readonly<Record<string, (of: T) => Wire | undefined>>

/** Some fields of such a table, by name. */
export type Wanted<T> = readonly (readonly [name: string, read: (of: T) => Wire | undefined])[]

/** The `fields` of the query: blanks and empty elements are passed over, an unknown name is refused, and so are none at all. */
export const readFields = <T>(request: SandboxRequest, table: FieldTable<T>): Wanted<T> => {
  const names = new Set((request.query.get('fields') ?? '').split(',').map(name => name.trim()))
  names.delete('')
  if (names.size === 0) throw invalid('fields is required')
  return [...names].map(name => {
    const read = Object.hasOwn(table, name) ? table[name] : undefined
    if (read === undefined) throw invalid(`fields: ${name} is not a valid field`)
    return [name, read]
  })
}

/** The wanted fields of one thing. */
export const show = <T>(of: T, fields: Wanted<T>): { readonly [key: string]: Wire | undefined } => {
  const shown: Record<string, Wire | undefined> = {}
  for (const [name, read] of fields) shown[name] = read(of)
  return shown
}
