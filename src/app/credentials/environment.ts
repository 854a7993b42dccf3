import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BadInput, NoCredential } from '../../core/errors.ts'
import type { Credential, CredentialField, CredentialKind, Network } from '../../networks/contract.ts'
import { readTextFile } from '../config/json-file.ts'
import { checkValue } from './value.ts'

/** What a network's credentials are told by. */
export type CredentialNetwork = Pick<Network, 'name' | 'title' | 'credentials'>

/**
 * The credentials of a network that the environment holds: those of the first kind whose required variables are all
 * set. Each variable may be a list separated by commas; they pair by position. Named `instagram-1`, `instagram-2`, …
 */
export const readEnvironment = async (
  network: CredentialNetwork,
  env: NodeJS.ProcessEnv,
): Promise<readonly Credential[]> => {
  const lists = new Map<string, readonly string[]>()
  for (const variable of variablesOf(network)) {
    const list = await readVariable(variable, env)
    if (list !== null) lists.set(variable, list)
  }
  const kind = network.credentials.find(({ fields }) =>
    fields.every(({ required, variable }) => !required || lists.has(variable)),
  )
  return kind === undefined ? [] : pair(network.name, kind, lists)
}

/** Says which variables would let the network in, and which of them are already there. */
export const noCredential = (network: CredentialNetwork, env: NodeJS.ProcessEnv): NoCredential => {
  const required = network.credentials.map(({ fields }) =>
    fields.filter(field => field.required).map(({ variable }) => variable),
  )
  const half = [...new Set(required.flat())].filter(variable => env[variable] || env[`${variable}_FILE`])
  const already = half.length === 0 ? '' : `; only ${half.join(', ')} is set`
  return new NoCredential(`${network.title} has no credential${already}`, {
    half,
    hint: `set ${required.map(kind => kind.join(' and ')).join(', or ')}, or name a credentials file with --credentials`,
  })
}

/** The variables that hold secrets of a network and are set here, themselves or by a file that is named; none = another place has them. */
export const secretVariables = (
  { credentials }: Pick<CredentialNetwork, 'credentials'>,
  env: NodeJS.ProcessEnv,
): readonly string[] => {
  const secret = credentials.flatMap(({ fields }) => fields.filter(field => field.required && field.secret))
  return [...new Set(secret.map(({ variable }) => variable))].flatMap(variable => {
    if (env[variable]) return [variable]
    if (env[`${variable}_FILE`]) return [`${variable}_FILE`]
    return handedFile(variable, env) === null ? [] : [variable]
  })
}

/** The file that systemd hands over for a variable, or null. */
const handedFile = (variable: string, env: NodeJS.ProcessEnv): string | null => {
  const handed = env.CREDENTIALS_DIRECTORY ? join(env.CREDENTIALS_DIRECTORY, variable.toLowerCase()) : null
  return handed !== null && existsSync(handed) ? handed : null
}

const variablesOf = ({ credentials }: CredentialNetwork): ReadonlySet<string> =>
  new Set(credentials.flatMap(({ fields }) => fields.map(({ variable }) => variable)))

/** The values of a variable, separated by commas; null = not set. */
const readVariable = async (variable: string, env: NodeJS.ProcessEnv): Promise<readonly string[] | null> => {
  const text = await readText(variable, env)
  return text?.split(',').map(value => checkValue(value.trim(), variable)) ?? null
}

/** The one secret that a variable holds; null = not set. */
export const readSecret = async (variable: string, env: NodeJS.ProcessEnv): Promise<string | null> => {
  const text = await readText(variable, env)
  return text === null ? null : checkValue(text.trim(), variable)
}

/** The text of a variable, of the file that `…_FILE` names, or of the one that systemd hands over; null = not set. */
const readText = async (variable: string, env: NodeJS.ProcessEnv): Promise<string | null> => {
  const direct = env[variable] || null
  const file = env[`${variable}_FILE`] || null
  if (direct !== null && file !== null) {
    throw new BadInput(`${variable} and ${variable}_FILE are both set`, { hint: 'unset one of them' })
  }
  const from = file ?? (direct === null ? handedFile(variable, env) : null)
  const text =
    from === null ? direct : (await readTextFile(from, `${variable}_FILE:`)).replace(/(\r?\n)+$/, '')
  return text === null || text.trim() === '' ? null : text
}

const pair = (
  network: string,
  kind: CredentialKind,
  lists: ReadonlyMap<string, readonly string[]>,
): readonly Credential[] => {
  const given = kind.fields.flatMap(field => {
    const list = lists.get(field.variable)
    return list === undefined ? [] : [{ field, list }]
  })
  const count = given[0]?.list.length ?? 0
  if (given.some(({ list }) => list.length !== count)) {
    const counts = given.map(({ field, list }) => `${field.variable} ${list.length}`)
    throw new BadInput(`lists of different lengths: ${counts.join(', ')}`, {
      hint: 'values separated by commas belong together by position: give each variable equally many',
    })
  }
  return Array.from({ length: count }, (_, index) => ({
    kind: kind.name,
    name: `${network}-${index + 1}`,
    values: Object.fromEntries(given.flatMap(({ field, list }) => entryOf(field, list[index] ?? '', index))),
  }))
}

/** Between two commas may be nothing, where the field may be left out. */
const entryOf = (field: CredentialField, value: string, index: number): [string, string][] => {
  if (value !== '') return [[field.key, value]]
  if (!field.required) return []
  throw new BadInput(`${field.variable} is empty at position ${index + 1}`, {
    hint: 'look for a comma too many',
  })
}
