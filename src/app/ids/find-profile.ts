import { BadInput } from '../../core/errors.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import type { Db } from '../../store/reader.ts'
import {
  findProfileByKey,
  findProfilesByName,
  type NamedProfile,
} from '../../store/reports/named-profiles.ts'
import { quote } from '../config/quote.ts'
import { type IdNetwork, nameOf } from './named-line.ts'

export interface Wanted {
  /** An id in any form that a list takes, or a name. */
  readonly text: string
  /** Null = of any. */
  readonly network: string | null
  /** Whether also one that was asked for and has not come is wanted. */
  readonly alsoMissing: boolean
}

/**
 * The stored profile that somebody means: by an id, an @handle, an address or a prefixed id as lists take them, by its own id, or by its name.
 * BadInput where there is none, or where several bear that name.
 */
export const findProfile = async (
  db: Db,
  path: string,
  { text, network, alsoMissing }: Wanted,
  networks: readonly IdNetwork[],
): Promise<NamedProfile> => {
  const chosen = networks.find(({ name }) => name === network) ?? null
  const line = nameOf(text.trim(), () => '--entity', { chosen, networks, as: 'profile' })
  if (!(line instanceof BadInput) && line.kind !== 'profile')
    throw new BadInput(`--entity names a profile, and ${quote(text)} is a ${line.kind}`, {
      hint: 'name its profile; `socsync export ids` says whose it is',
    })
  const found = await firstOf([
    () => lookUp(db, keysOf(text, line, chosen === null ? networks : [chosen]), alsoMissing),
    () =>
      line instanceof BadInput
        ? findProfilesByName(db, network, text.trim())
        : findProfilesByName(db, line.network.name, line.entityId),
    () => (line instanceof BadInput ? [] : findProfilesByName(db, line.network.name, line.id)),
  ])
  const [profile, ...others] = found
  if (profile !== undefined && others.length === 0) return profile
  const place = nameOfDatabase(path)
  if (profile === undefined)
    throw new BadInput(
      `there is no ${network === null ? '' : `${network} `}profile ${quote(text)} in ${place}`,
      {
        hint: '`socsync jobs` lists them; --entity takes every form of id that a list takes, and names',
      },
    )
  throw new BadInput(`${found.length} profiles in ${place} are called ${quote(text)}`, {
    hint: `name one of them: ${found.map(({ network: of, id }) => `${of}:${id}`).join(', ')}`,
  })
}

/**
 * What `--network` and `--entity` choose of a database: of a profile that is named its network and its own id, else the network as
 * given. BadInput as {@link findProfile}.
 */
export const findChosen = async (
  db: Db,
  { db: path, network, entity, networks }: Choice,
  alsoMissing: boolean,
): Promise<{ readonly network: string | null; readonly entity: string | null }> => {
  if (entity === null) return { network, entity }
  const found = await findProfile(db, path, { text: entity, network, alsoMissing }, networks)
  return { network: found.network, entity: found.id }
}

interface Choice {
  readonly db: string
  readonly network: string | null
  readonly entity: string | null
  readonly networks: readonly IdNetwork[]
}

type Key = { readonly network: string; readonly id: string }

/** What it may be a key of: what a list would take it for, and itself, as a database that was filled otherwise may have it. */
const keysOf = (
  text: string,
  line: ReturnType<typeof nameOf>,
  networks: readonly IdNetwork[],
): readonly Key[] => {
  if (!(line instanceof BadInput))
    return [
      { network: line.network.name, id: line.entityId },
      { network: line.network.name, id: line.id },
    ]
  return networks.flatMap(({ name, parseId }) =>
    [parseId(text.trim()), text.trim()].flatMap(id => (id === null ? [] : [{ network: name, id }])),
  )
}

const lookUp = async (
  db: Db,
  keys: readonly Key[],
  alsoMissing: boolean,
): Promise<readonly NamedProfile[]> => {
  const found = new Map<string, NamedProfile>()
  for (const { network, id } of keys)
    for (const profile of await findProfileByKey(db, network, id))
      if (profile.isStored || alsoMissing) found.set(`${network} ${profile.id}`, profile)
  return [...found.values()]
}

/** What the first of some questions finds that finds something. */
const firstOf = async <T>(
  questions: readonly (() => Promise<readonly T[]> | readonly T[])[],
): Promise<readonly T[]> => {
  for (const ask of questions) {
    const found = await ask()
    if (found.length > 0) return found
  }
  return []
}
