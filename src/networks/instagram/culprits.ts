/**
 * The fields or metrics that a refusal of code 100 is about. Most texts name one, in many wordings; some only say that
 * there is one, and then halving the list finds it in log2(n) calls.
 */

/** What a text lists as allowed is not what it refuses. */
const ALLOWED = /must be one of[\s\S]*|one of the following[\s\S]*/i
/** Words of any sentence: these count only where the text marks them as a name. */
const COMMON: ReadonlySet<string> = new Set(['name', 'from', 'hidden', 'username'])

/** Those of `names` that a text names: set apart as names if any are, else as words of it. */
export const namedIn = (text: string, names: readonly string[]): readonly string[] => {
  const marked = markedIn(text, names)
  if (marked.length > 0) return marked
  const said = text.replace(ALLOWED, '')
  return names.filter(name => !COMMON.has(name) && new RegExp(`(?<!\\w)${name}(?!\\w)`).test(said))
}

/** Those that it sets apart as names. */
export const markedIn = (text: string, names: readonly string[]): readonly string[] => {
  const said = text.replace(ALLOWED, '')
  return names.filter(name => markedAs(name).test(said))
}

/** `(shares)`, `(shares, saved)`, `"shares"`, `the shares metric`, `field shares`. */
const markedAs = (name: string): RegExp =>
  new RegExp(
    `\\((?:[^()]*\\W)?${name}(?!\\w)[^()]*\\)|["'\`]${name}["'\`]|` +
      `(?<!\\w)${name} (?:metric|field)|(?:metric|field)s?:? ${name}(?!\\w)`,
    'i',
  )

/** The one of a list at which it begins to be refused, found by asking for beginnings of it. The whole was refused before. */
export const halve = async (
  names: readonly string[],
  isTaken: (first: readonly string[]) => Promise<boolean>,
): Promise<string | undefined> => {
  let taken = 0
  let refused = names.length
  while (refused - taken > 1) {
    const middle = Math.floor((taken + refused) / 2)
    if (await isTaken(names.slice(0, middle))) taken = middle
    else refused = middle
  }
  return names[taken]
}
