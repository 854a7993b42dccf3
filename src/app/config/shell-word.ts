import { redactUrl } from '../../store/postgres/address.ts'

/** A word as a shell takes it for one. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The same of a word that is shown: the URL of a database without its password. */
export const shownWord = (word: string): string => shellWord(redactUrl(word))
