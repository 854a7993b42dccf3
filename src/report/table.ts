import { type Html, html, type Piece } from './html.ts'
import { number } from './words.ts'

/** A table of numbers: its first column names the rows. Wider than the page, it is moved by itself. */
export const table = (
  name: string,
  heads: readonly string[],
  rows: readonly (readonly Piece[])[],
): Html => html`
<div class="wide-table" role="region" tabindex="0" aria-label="${name}"><table>
<caption>${name}</caption>
<thead><tr>${heads.map((head, n) => html`<th scope="col"${kindOf(n === 0 ? null : (rows[0]?.[n] ?? null))}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(([first = null, ...cells]) => html`<tr><th scope="row">${cell(first)}</th>${cells.map(one => html`<td${kindOf(one)}>${cell(one)}</td>`)}</tr>\n`)}</tbody>
</table></div>`

const cell = (piece: Piece): Piece => (typeof piece === 'number' ? number(piece) : piece)

/** From so many letters on a text has room to run over few lines. */
const LONG = 22

/** Numbers stand to the right, and days on one line. */
const kindOf = (piece: Piece): Html | null => {
  if (typeof piece === 'number') return html` class="number"`
  if (typeof piece !== 'string') return null
  if (/^([+−]?[\d,.]+( %)?|–)$/.test(piece)) return html` class="number"`
  if (piece.length > LONG) return html` class="long"`
  return /^\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?$/.test(piece) ? html` class="day"` : null
}
