/** A piece of a page that can stand in it as it is. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Piece = Html | string | number | null | readonly Piece[]

/** A piece of a page: what is put into it is text, and escaped, unless it is a piece itself. Null is nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly Piece[]): Html =>
  new Html(parts.reduce((page, part, n) => `${page}${written(values[n - 1] ?? null)}${part}`))

const written = (piece: Piece): string => {
  if (piece === null) return ''
  if (piece instanceof Html) return piece.text
  return isList(piece) ? piece.map(written).join('') : escapeHtml(String(piece))
}

const isList = (piece: Piece): piece is readonly Piece[] => Array.isArray(piece)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for between tags and for attributes in quotes; control characters, which no page may hold, become U+FFFD. */
const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\u{fffd}')
    .replaceAll(/[&<>"']/g, character => ENTITIES[character] ?? character)

/** An address that can be followed, or null: of what networks tell, only pages of the web are. */
export const safeAddress = (address: string | null): string | null => {
  if (address === null || !URL.canParse(address)) return null
  const { protocol, href } = new URL(address)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}
