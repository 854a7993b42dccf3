/** RFC 4180 to the letter: CRLF between records, `""` within quotes; an empty cell without quotes is null. */
export const parseCsv = (text: string): Record<string, string | null>[] => {
  const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  const records: (string | null)[][] = [[]]
  while (CELL.lastIndex < text.length) {
    const at = CELL.lastIndex
    const [whole, quoted, plain, end] = CELL.exec(text) ?? []
    if (whole === undefined) throw new Error(`no cell of CSV at ${at}: ${text.slice(at, at + 40)}`)
    records.at(-1)?.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'))
    if (end === '\r\n') records.push([])
  }
  const [names = [], ...rows] = records.slice(0, -1)
  return rows.map(cells => {
    if (cells.length !== names.length) throw new Error(`a record of ${cells.length} cells: ${cells}`)
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null]))
  })
}
