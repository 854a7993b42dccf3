import { syntaxError } from './errors.ts'

/** One field of a `fields` list: `media.limit(5).after(C){id,children{id}}` (docs/networks/instagram.md §3). */
export interface Ask {
  readonly name: string
  /** The key of the answer: the name, or what `as(…)` says. */
  readonly key: string
  /** In any order; the last of a name wins. */
  readonly modifiers: ReadonlyMap<string, string>
  /** What stands in the braces, or null where there are none. */
  readonly fields: readonly Ask[] | null
  /** The same as text, to be repeated in the address of the next page. */
  readonly source: string
}

/** Reads a `fields` list. Spaces are free, modifiers and braces stand in any order; anything else is error 2500. */
export const parseFields = (text: string): readonly Ask[] => {
  let at = 0

  const skipSpace = (): void => {
    while (/\s/.test(text.charAt(at))) at++
  }
  const take = (mark: string): boolean => {
    skipSpace()
    if (text.charAt(at) !== mark) return false
    at++
    return true
  }
  const name = (): string => {
    skipSpace()
    const start = at
    while (/\w/.test(text.charAt(at))) at++
    if (at === start) throw syntaxError('Expected name.', at, text)
    return text.slice(start, at)
  }
  /** Up to the bracket that closes, so that values may hold brackets themselves. */
  const value = (): string => {
    const start = at
    for (let open = 1; at < text.length; at++) {
      const mark = text.charAt(at)
      if (mark === '(') open++
      if (mark === ')' && --open === 0) return text.slice(start, at++).trim()
    }
    throw syntaxError('Expected ")" instead of end of string.', at, text)
  }
  const field = (): Ask => {
    const own = name()
    const modifiers = new Map<string, string>()
    let fields: readonly Ask[] | null = null
    let source = ''
    for (;;) {
      if (take('.')) {
        const modifier = name()
        if (!take('(')) throw syntaxError('Expected "(".', at, text)
        modifiers.set(modifier, value())
      } else if (take('{')) {
        const start = at
        fields = list()
        source = text.slice(start, at).trim()
        if (!take('}')) throw syntaxError('Expected "}" instead of end of string.', at, text)
      } else {
        return { name: own, key: modifiers.get('as') ?? own, modifiers, fields, source }
      }
    }
  }
  const list = (): Ask[] => {
    const fields = [field()]
    while (take(',')) fields.push(field())
    return fields
  }

  const asks = list()
  skipSpace()
  if (at < text.length) {
    throw syntaxError(`Expected end of string instead of "${text.charAt(at)}".`, at, text)
  }
  return asks
}
