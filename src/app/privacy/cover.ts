import { BadInput } from '../../core/errors.ts'
import type { Network } from '../../networks/contract.ts'
import { canonical, openPseudonyms, wordsOfKey } from '../../pseudonyms/pseudonym.ts'
import type { TextRules } from '../../pseudonyms/texts.ts'
import { isShared } from '../../store/connect.ts'
import type { Db } from '../../store/reader.ts'
import { streamListedWords } from '../../store/reports/listed-words.ts'
import { openKey } from './key.ts'

/** Who is pseudonymised: all but the profiles of the list, or these too. */
export const WHOM = ['authors', 'all'] as const
export type Whom = (typeof WHOM)[number]

export interface PseudonymsRequest {
  readonly whom: Whom
  /** The file of the key; null = the one beside the database. */
  readonly keyFile: string | null
  /** Told where a key was made. */
  keyMade(file: string): void
}

/** How the people of one database are covered. */
export interface PeopleCover extends TextRules {
  readonly whom: Whom
  /** Whether a profile of the list is known by this word. */
  isListed(network: string, word: string): boolean
}

/** Whose ids and names are pseudonyms in what goes out, covered now or when they were stored; null = nobody's. */
export const whomOf = (cover: PeopleCover | null, storesPseudonyms: boolean): Whom | null =>
  cover?.whom ?? (storesPseudonyms ? 'authors' : null)

/** What a manifest says of it: never by which key. */
export const aboutPeople = (whom: Whom | null): { readonly pseudonymised?: Whom } =>
  whom === null ? {} : { pseudonymised: whom }

export interface CoverRequest {
  readonly db: string
  /** Where profiles stand in texts. */
  readonly networks: readonly Pick<Network, 'name' | 'profileAddress'>[]
  /** Whose ids and names are replaced; null = nobody's. */
  readonly pseudonymise: PseudonymsRequest | null
}

/** How people are covered in what goes out; null = not at all. BadInput where the key is not to be had. */
export const coverOf = async (db: Db, request: CoverRequest): Promise<PeopleCover | null> =>
  request.pseudonymise === null ? null : openCover(db, request, request.pseudonymise)

/**
 * Opens the key and reads who is listed: the only thing held in memory, some 200 bytes a profile.
 */
const openCover = async (
  db: Db,
  { db: place, networks }: CoverRequest,
  { whom, keyFile, keyMade }: PseudonymsRequest,
): Promise<PeopleCover> => {
  const key = await openKey(keyFile ?? keyPlace(place))
  if (key.isNew) keyMade(key.file)
  const listed = new Set<string>()
  for await (const { network, word } of streamListedWords(db)) {
    for (const spelling of wordsOfKey(word)) listed.add(wordOf(network, spelling))
  }
  const isListed = (network: string, word: string): boolean => listed.has(wordOf(network, word))
  const pseudonyms = openPseudonyms(key.bytes)
  return {
    whom,
    isListed,
    cover: (network, word) =>
      whom === 'authors' && isListed(network, word) ? word : pseudonyms(network, word),
    addresses: addressesOf(networks),
  }
}

/** Where the profiles of networks stand in texts. */
export const addressesOf = (networks: CoverRequest['networks']): TextRules['addresses'] =>
  networks.map(({ name, profileAddress }) => ({ network: name, address: profileAddress }))

const wordOf = (network: string, word: string): string => `${network}\n${canonical(word)}`

/** Where the key of a database is where no file is named. BadInput for a server's. */
export const keyPlace = (place: string): string => {
  if (!isShared(place)) return `${place}.pseudonym-key`
  throw new BadInput('there is no place beside a server for the key of pseudonyms', {
    hint: 'name its file with --pseudonym-key (or SOCSYNC_PSEUDONYM_KEY); it is made where there is none',
  })
}
