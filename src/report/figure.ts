import type { ChartWords } from './charts.ts'
import { type Html, html, type Piece } from './html.ts'

/** A chart with its title, what is to be known about it, and its numbers as a table. */
export const figure = (
  { title, says }: ChartWords,
  charts: Piece,
  beside: { readonly legend?: Piece; readonly numbers: Piece },
): Html => html`
<figure>
<figcaption><h3>${title}</h3><p>${says}</p></figcaption>
${beside.legend ?? null}
${charts}
<details><summary>The numbers: ${title}</summary>${beside.numbers}</details>
</figure>`

/** The same chart for a phone and for wider screens; one of them is shown, and read. */
export const atBothWidths = (draw: (isNarrow: boolean) => Html): Html =>
  html`<div class="on-phone">${draw(true)}</div><div class="on-wide">${draw(false)}</div>`

/** A part of the report, with a name that can be gone to. */
export const section = (id: string, title: string, body: Piece): Html => html`
<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>`
