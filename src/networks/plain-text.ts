/** What a text of a network's is cut to where people read it. */
const MOST = 300

/** Tags by name, so that `<empty>` in a sentence is a word and stays. */
const TAG =
  /<\/?(?:a|abbr|address|article|aside|b|base|blockquote|body|br|button|center|code|dd|del|details|div|dl|dt|em|fieldset|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|meta|nav|noscript|ol|option|p|path|picture|pre|q|s|samp|script|section|select|small|source|span|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|var|video)(?:\s[^<>]*)?\/?>/gi
/** What a browser does not show. */
const UNSEEN = /<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->|<!doctype[^>]*>/gi
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['hellip', '…'],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
])

/** A network's words for people: without known HTML tags, in one line, cut at a word where they are longer than `most`. */
export const plainText = (text: string, most = MOST): string => {
  const shown = text.replaceAll(UNSEEN, ' ').replaceAll(TAG, spaceOf)
  return cutAtWord(
    decode(shown)
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
    most,
  )
}

/** What an HTML page calls itself: its title, else its first headline; null where it has neither, or is no HTML. */
export const htmlTitle = (text: string): string | null => {
  if (!isHtml(text)) return null
  const [, , title = ''] = /<(title|h1)\b[^>]*>([\s\S]*?)<\/\1\s*>/i.exec(text) ?? []
  return plainText(title, 100) || null
}

/** A body that is none of the API's own: a page by its title, anything else by its words. Empty where it says nothing. */
export const describeBody = (text: string, most = MOST): string => {
  if (!isHtml(text)) return plainText(text, most)
  const title = htmlTitle(text)
  return title === null ? 'an HTML page' : `an HTML page: ${title}`
}

const isHtml = (text: string): boolean =>
  /^\s*(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body|title)\b/i.test(text)

/** Tags within a line part no words. */
const spaceOf = (tag: string): string =>
  /^<\/?(?:a|abbr|b|code|em|font|i|kbd|s|samp|small|span|strong|sub|sup|tt|u|var)\b/i.test(tag) ? '' : ' '

const decode = (text: string): string =>
  text.replaceAll(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return point > 0x10_ffff ? whole : String.fromCodePoint(point)
  })

/** The cut takes the whole last word with it, unless that is most of the text (an address, a script without spaces). */
const cutAtWord = (text: string, most: number): string => {
  const points = [...text]
  if (points.length <= most) return text
  const head = points.slice(0, most - 1).join('')
  const parted = points[most - 1] === ' ' ? head.length : head.lastIndexOf(' ')
  return `${(parted > head.length / 2 ? head.slice(0, parted) : head).trimEnd()}…`
}
