import type { ReportData } from '../data.ts'
import { type Html, html } from '../html.ts'
import { counted, number } from '../words.ts'

/** Nothing is left out without a word. */
export const leftOut = ({ left, profiles }: ReportData): Html | null =>
  left === 0
    ? null
    : html`<p class="note">Shown are the ${number(profiles.length)} profiles with the most followers; ${counted(left, 'more is', 'more are')}
stored and counted in the sums. <code>--limit</code> shows more.</p>`
