import { HANDLE } from '../core/marks.ts'

/** Where a network's profiles stand in texts. */
export interface ProfileAddress {
  readonly network: string
  /** With the flag `g`; its group `who` is the handle or id within the address. */
  readonly address: RegExp
}

/** How people are covered: a word of a network by which a person is known to what is written in its place; itself = it stays. */
export type Cover = (network: string, word: string) => string

export interface TextRules {
  readonly cover: Cover
  /** Of all networks: a text of one may hold an address of another. */
  readonly addresses: readonly ProfileAddress[]
}

/** Whose text it is. */
export interface TextOf {
  readonly network: string
  /** Ids and names of people whom the same row names: they are covered wherever they stand as words. */
  readonly known: readonly string[]
}

/** A name with fewer characters is a word like any other. */
const SHORTEST_NAME = 3

/** Names as they are looked for in texts, those left out that are too short to be told from other words. */
export const namesInTexts = (names: readonly (string | null)[]): readonly string[] =>
  names.flatMap(name => {
    const bare = name?.replace(/^@/, '') ?? ''
    return [...bare].length < SHORTEST_NAME ? [] : [bare]
  })

/** What stands in place of the host of an address of mail: a domain that never is (RFC 2606). */
const MAIL_HOST = 'mail.invalid'
const MAIL =
  /(?<![\p{L}\p{N}._%+-])(?<who>[\p{L}\p{N}](?:[\p{L}\p{N}._%+-]{0,62}[\p{L}\p{N}_+-])?@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,})/gu
/** A handle as networks have them; what stands before it is no part of a word, so that `name@host` is none. */
const MENTION = new RegExp(String.raw`(?<![\p{L}\p{M}\p{N}_])@(?<who>${HANDLE})`, 'gu')

/**
 * A text with its mentions, addresses of profiles and of mail, and the people whom its row knows covered; all else stays as it is. A name
 * that nothing marks as one stays too: no rule tells it from another word.
 */
export const coverText = (
  text: string,
  { cover, addresses }: TextRules,
  { network, known }: TextOf,
): string => {
  const found: Span[] = []
  // Of two that overlap the first one found is taken: an address of mail is no mention, and one of a profile says of which network.
  const take = (pattern: RegExp, replacement: (who: string) => string): void => {
    for (const match of text.matchAll(pattern)) {
      const who = match.groups?.who ?? ''
      const start = match.index + match[0].lastIndexOf(who)
      const end = start + who.length
      if (found.every(span => end <= span.start || start >= span.end))
        found.push({ start, end, text: replacement(who) })
    }
  }
  if (text.includes('@'))
    take(MAIL, who => (who.endsWith(`@${MAIL_HOST}`) ? who : `${cover('mail', who)}@${MAIL_HOST}`))
  for (const of of addresses) take(of.address, who => cover(of.network, decoded(who)))
  if (text.includes('@')) take(MENTION, who => cover(network, who))
  const lower = text.toLowerCase()
  for (const word of known)
    if (lower.includes(word.toLowerCase())) take(asWord(word), () => cover(network, word))
  return found.length === 0 ? text : replaced(text, found)
}

interface Span {
  readonly start: number
  readonly end: number
  readonly text: string
}

const replaced = (text: string, spans: readonly Span[]): string => {
  const pieces: string[] = []
  let at = 0
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, span.start), span.text)
    at = span.end
  }
  return pieces.join('') + text.slice(at)
}

const asWord = (word: string): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\p{M}\\p{N}_])(?<who>${word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})(?![\\p{L}\\p{M}\\p{N}_])`,
    'giu',
  )

/** A handle in an address may be written by its bytes. */
const decoded = (who: string): string => {
  try {
    return decodeURIComponent(who)
  } catch {
    return who
  }
}
