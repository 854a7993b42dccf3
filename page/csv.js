/**
 * A table as a file that a spreadsheet opens without harm, as `export --excel` writes it: a byte-order mark, CRLF, and a `'` before
 * text that it would run as a formula or take for a number.
 */
export const saveCsv = (name, columns, rows) => {
  const lines = [columns, ...rows].map(cells => `${cells.map(cellOf).join(',')}\r\n`)
  const url = URL.createObjectURL(new Blob([`\ufeff${lines.join('')}`], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(url)
}

/** CWE-1236: the starts of a formula, and the wide forms of them, also behind quotes. */
const FORMULA = /^["']*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
/** So many digits that the last ones would be rounded away. */
const LONG = /^[\d.,eE+-]{12,}$/

const cellOf = value => {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = FORMULA.test(value) || LONG.test(value) ? `'${value}` : value
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
