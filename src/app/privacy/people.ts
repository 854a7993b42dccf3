import { existsSync } from 'node:fs'
import type { Source } from '../../core/stream.ts'
import type { Network } from '../../networks/contract.ts'
import { coverSource } from '../../pseudonyms/page.ts'
import { fingerprintOf, openPseudonyms, type Pseudonyms } from '../../pseudonyms/pseudonym.ts'
import { refuseOtherPeople } from '../../store/admin/people.ts'
import { nameOfDatabase, peopleAt } from '../../store/connect.ts'
import { addressesOf, keyPlace } from './cover.ts'
import { openKey } from './key.ts'

/** What a process does with the people of what it stores. */
export interface People {
  /** By which a database knows the key again. */
  readonly key: string
  readonly pseudonyms: Pseudonyms
  /** A source whose pages name nobody but the profiles that they are of. */
  cover(source: Source): Source
}

/** Of whoever is refused before a key is made. */
const NO_KEY = ''

export interface PeopleRequest {
  readonly db: string
  readonly pseudonymise: boolean
  /** The file of the key; null = the one beside the database. */
  readonly keyFile: string | null
  readonly networks: readonly Pick<Network, 'name' | 'profileAddress'>[]
  /** Told where a key was made. */
  keyMade(file: string): void
}

/**
 * How people are stored; null = as they are. BadInput where the database has them otherwise, or under another key, or the key is not to be
 * had: before anything is made or stored.
 */
export const openPeople = async (request: PeopleRequest): Promise<People | null> => {
  const { db, pseudonymise, keyFile, networks, keyMade } = request
  // A database of pseudonyms refuses whoever opens it to store names.
  if (!pseudonymise) return null
  const there = await peopleAt(db)
  if (there.as === 'names') refuseOtherPeople(nameOfDatabase(db), there, NO_KEY)
  const { file, bytes, isNew } = await openKey(keyFile ?? keyPlace(db), { mayMake: there.as === 'nobody' })
  if (isNew) keyMade(file)
  const key = fingerprintOf(bytes)
  refuseOtherPeople(nameOfDatabase(db), there, key)
  const pseudonyms = openPseudonyms(bytes)
  const rules = { cover: pseudonyms, addresses: addressesOf(networks) }
  return { key, pseudonyms, cover: source => coverSource(source, rules) }
}

/**
 * The pseudonyms that a database was filled with; null = none, or their key is not there any more, and nobody can be told by them. BadInput
 * where the key is another one.
 */
export const pseudonymsOf = async (db: string, keyFile: string | null): Promise<Pseudonyms | null> => {
  const there = await peopleAt(db)
  const file = there.as === 'pseudonyms' ? (keyFile ?? keyPlace(db)) : null
  if (file === null || !existsSync(file)) return null
  const { bytes } = await openKey(file, { mayMake: false })
  refuseOtherPeople(nameOfDatabase(db), there, fingerprintOf(bytes))
  return openPseudonyms(bytes)
}
