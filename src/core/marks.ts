/** Letters of any script, digits, `_`, and `.`, `-` and `·` inside: what the networks take in a handle. The source of a pattern with the flag `u`. */
export const HANDLE = String.raw`[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_.·-]{0,60}[\p{L}\p{M}\p{N}_])?`

/** No mention is an address of mail, nor the last part of an address on the web. */
const MENTION = new RegExp(String.raw`(?<![\p{L}\p{M}\p{N}_./@-])@(${HANDLE})`, 'gu')

/** An address on the web, in which nothing is a hashtag, or hashtags, of which one may follow the other without a space. */
const HASHTAGS = /(?:https?:\/\/|www\.)\S+|(?<![\p{L}\p{M}\p{N}_&/])(?<tags>(?:#[\p{L}\p{M}\p{N}_]+)+)/giu

/** What texts name: null where there is nothing. */
export interface Marks {
  readonly hashtags: readonly string[] | null
  readonly mentions: readonly string[] | null
}

/** What the texts of one post name, for networks that tell the texts alone. */
export const marksOf = (...texts: readonly (string | null)[]): Marks => {
  const text = texts.filter(one => one !== null).join('\n')
  return { hashtags: unlessEmpty(hashtagsOf(text)), mentions: unlessEmpty(mentionsOf(text)) }
}

/** A list that is empty says nothing: null. */
export const unlessEmpty = (list: readonly string[]): readonly string[] | null =>
  list.length === 0 ? null : list

/** The hashtags of a text, without `#`; each once, in lower and upper case as it stands there first. */
export const hashtagsOf = (text: string): readonly string[] =>
  once([...text.matchAll(HASHTAGS)].flatMap(({ groups }) => groups?.tags?.slice(1).split('#') ?? []))

/** The handles that a text mentions, without `@`, likewise. */
export const mentionsOf = (text: string): readonly string[] =>
  once([...text.matchAll(MENTION)].map(([, handle = '']) => handle))

const once = (names: readonly string[]): readonly string[] => {
  const found = new Map<string, string>()
  for (const name of names) {
    const key = name.toLowerCase()
    if (!found.has(key)) found.set(key, name)
  }
  return [...found.values()]
}
