import { BadInput } from '../../core/errors.ts'
import { fieldsOf, parseJson, readTextFile, unknownKey } from '../config/json-file.ts'
import { quote } from '../config/quote.ts'
import type { CredentialNetwork } from './environment.ts'
import { checkValue } from './value.ts'

/** One credential as the credentials file has it. */
export interface Entry {
  /** Its own `name`, else the network's and its position: `instagram-2`. */
  readonly name: string
  /** The first kind that its values are enough for; null for renewed tokens, which lie over another credential. */
  readonly kind: string | null
  /** By the keys of the network's fields. */
  readonly values: Readonly<Record<string, string>>
  /** Where it holds renewed tokens of the environment's credential of this name: that one's fingerprint; else null. */
  readonly renews: string | null
}

/**
 * The credentials file: `{ "instagram": [{ "access_token": "…", "user_id": "…" }] }`, entries by network. Throws
 * BadInput where somebody else may read it, and where a key or value is not understood; no value is ever shown.
 */
export const readCredentialsFile = async (
  path: string,
  networks: readonly CredentialNetwork[],
): Promise<ReadonlyMap<string, readonly Entry[]>> => {
  const text = await readTextFile(path, 'the credentials file', async handle => {
    const { mode } = await handle.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new BadInput(`the credentials file ${path} is open to other users`, { hint: `chmod 600 ${path}` })
    }
  })
  const title = `the credentials file ${path}`
  // `$schema` tells an editor what may stand here (`socsync config schema credentials`).
  const { $schema: _, ...networksInFile } = fieldsOf(parseJson(text, title), title)
  const lists = Object.entries(networksInFile)
  return new Map(
    lists.map(([name, list]) => {
      const network = networks.find(known => known.name === name)
      if (network === undefined)
        throw unknownKey(
          name,
          path,
          networks.map(known => known.name),
        )
      if (!Array.isArray(list)) throw new BadInput(`${quote(name)} in ${path} must be a list [ … ]`)
      const entries = list.map((item, index) =>
        readEntry(item, network, index, `${name}[${index}] in ${path}`),
      )
      const twice = entries.find(
        (entry, index) => entries.findIndex(other => other.name === entry.name) !== index,
      )
      if (twice !== undefined)
        throw new BadInput(`two credentials in ${path} are called ${quote(twice.name)}`)
      return [name, entries]
    }),
  )
}

/** How a credential may be called. */
export const CREDENTIAL_NAME = /^[\w][\w.-]{0,63}$/

const readEntry = (item: unknown, network: CredentialNetwork, index: number, place: string): Entry => {
  const known = new Set(
    network.credentials.flatMap(({ fields, notes = [] }) => [...fields.map(({ key }) => key), ...notes]),
  )
  const texts = Object.entries(fieldsOf(item, place)).map(([key, value]): [string, string] => {
    if (!known.has(key) && key !== 'name' && key !== 'renews')
      throw unknownKey(key, place, [...known, 'name'])
    // A number of 17 digits would not survive JSON.
    if (typeof value !== 'string') throw new BadInput(`${key} of ${place} must be text in quotes`)
    return [key, checkValue(value, `${key} of ${place}`)]
  })
  const { name = `${network.name}-${index + 1}`, renews = null, ...values } = Object.fromEntries(texts)
  if (!CREDENTIAL_NAME.test(name)) {
    throw new BadInput(`the name of ${place} is ${quote(name)}`, {
      hint: 'allowed: letters, digits, _ . and -',
    })
  }
  const kind = renews === null ? kindOf(network, values, place) : null
  return { name, kind, values, renews }
}

const kindOf = (
  { credentials }: CredentialNetwork,
  values: Readonly<Record<string, string>>,
  place: string,
): string => {
  const complete = credentials.find(({ fields }) =>
    fields.every(({ key, required }) => !required || values[key]),
  )
  if (complete !== undefined) return complete.name
  const ways = credentials.map(({ fields }) =>
    fields.flatMap(({ key, required }) => (required ? [key] : [])).join(' and '),
  )
  throw new BadInput(`${place} is not complete`, { hint: `give ${ways.join(', or ')}` })
}
