/**
 * The `fields` grammar of the Graph API (docs/networks/instagram.md §3), `edge.modifier(value){sub,sub}`, with one mark of
 * ours: `name?` may be refused by the API, and the answer is still worth having without it.
 */
export interface Field {
  readonly name: string
  /** `.limit(50).after(x)`, or empty. */
  readonly modifiers: string
  readonly optional: boolean
  readonly fields: readonly Field[]
}

const FIELD = /\s*(\w+)(\?)?((?:\.\w+\([^()]*\))*)(\{)?/y

/** The fields of a text. Throws on what is no field list: the texts are this adapter's own. */
export const parseFields = (text: string): readonly Field[] => {
  let at = 0
  const list = (): Field[] => {
    const fields: Field[] = []
    for (;;) {
      FIELD.lastIndex = at
      const match = FIELD.exec(text)
      if (match === null) throw new SyntaxError(`not a field at ${at} of ${text}`)
      at = FIELD.lastIndex
      const [, name = '', mark, modifiers = '', brace] = match
      fields.push({
        name,
        modifiers,
        optional: mark !== undefined,
        fields: brace === undefined ? [] : list(),
      })
      if (text[at++] !== ',') return fields
    }
  }
  return list()
}

/** The fields as the API takes them, without those whose path (`media.children.alt_text`) is left out. */
export const printFields = (fields: readonly Field[], leaveOut: ReadonlySet<string> = new Set()): string => {
  const print = (list: readonly Field[], under: string): string =>
    list
      .filter(field => !leaveOut.has(under + field.name))
      .map(({ name, modifiers, fields: inner }) =>
        inner.length === 0 ? name + modifiers : `${name}${modifiers}{${print(inner, `${under}${name}.`)}}`,
      )
      .join(',')
  return print(fields, '')
}

/** The paths of all that may be refused, in the order they are asked. */
export const optionalPaths = (fields: readonly Field[], under = ''): readonly string[] =>
  fields.flatMap(({ name, optional, fields: inner }) => [
    ...(optional ? [under + name] : []),
    ...optionalPaths(inner, `${under}${name}.`),
  ])

/** What an answer was asked for: tells "asked and absent" from "not asked". */
export interface Asked {
  has(name: string): boolean
  at(name: string): Asked
}

export const askedOf = (fields: readonly Field[]): Asked => ({
  has: name => fields.some(field => field.name === name),
  at: name => askedOf(fields.find(field => field.name === name)?.fields ?? []),
})
