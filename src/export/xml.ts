/** A text as the content of an element or of an attribute; blanks other than spaces would not outlast the reading of an attribute. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"\t\n\r]/g, character => `&#${character.charCodeAt(0)};`)

/** A text of characters that XML 1.0 knows: others may not stand in it even escaped. */
export const xmlText = (text: string): string =>
  text.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
