import { type Html, html, type Piece, safeAddress } from './html.ts'

/** A name that leads to the profile or post it is of. */
export const linked = (text: Piece, address: string | null): Html => {
  const safe = safeAddress(address)
  return safe === null ? html`${text}` : html`<a href="${safe}" rel="noopener noreferrer">${text}</a>`
}
