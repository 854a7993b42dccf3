import { createHmac, createSecretKey } from 'node:crypto'

/** A word by which a network knows a person (an id, a handle, a name) to what stands in its place. */
export type Pseudonyms = (network: string, word: string) => string

/** What a pseudonym begins with. */
const PREFIX = 'p_'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
/**
 * A letter carries 5 bits, 20 carry 100: among a billion words the odds that any two share a pseudonym are 1 in 2,500 billion. With its
 * prefix it has 22 characters, and fits where a handle does on every network (24 on TikTok).
 */
const LENGTH = 20

/** What is one already stays: a database of pseudonyms is exported with the same ones. */
const PSEUDONYM = new RegExp(`^@?${PREFIX}[${LETTERS}]{${LENGTH}}$`)

/**
 * Pseudonyms by HMAC-SHA-256 under a key: the same word of a network has the same one in all tables and runs, and nobody without the key
 * can work it out, not even by trying all names. Ids and names are one kind, since a name is the id on TikTok: there both, and every
 * mention, have one pseudonym. The `@` of a handle stays.
 */
export const openPseudonyms = (key: Uint8Array): Pseudonyms => {
  // Made once: with the bytes each call took four times as long.
  const secret = createSecretKey(key)
  return (network, word) => {
    if (PSEUDONYM.test(word)) return word
    const digest = createHmac('sha256', secret)
      .update(`${network}\n${canonical(word)}`)
      .digest()
    const letters = [...digest.subarray(0, LENGTH)].map(byte => LETTERS[byte & 31]).join('')
    return `${word.startsWith('@') ? '@' : ''}${PREFIX}${letters}`
  }
}

/** What all spellings of a word by which a person is known have in common: no network tells handles apart by case. */
export const canonical = (word: string): string => word.replace(/^@/, '').normalize('NFC').toLowerCase()

/** A profile's key in a list as it may stand in addresses: one with a kind before it, such as `user/name`, without that too. */
export const wordsOfKey = (key: string): readonly string[] => {
  const bare = key.slice(key.lastIndexOf('/') + 1)
  return bare === key ? [key] : [key, bare]
}

/** By which a key is known again, and from which nothing of it can be worked out. */
export const fingerprintOf = (key: Uint8Array): string =>
  createHmac('sha256', key).update('the key of pseudonyms of socsync').digest('hex').slice(0, 32)
