import type { Instant } from '../core/instant.ts'
import { type Html, html } from './html.ts'

/** Who something is of. */
export interface Named {
  readonly network: string
  readonly id: string
  readonly username: string | null
  readonly name: string | null
}

/** 1204 as `1,204`; null = not told. */
export const number = (value: number | null): string =>
  value === null ? '–' : value.toLocaleString('en-GB', { maximumFractionDigits: 1 })

/** `1 profile`, `20 profiles`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`

/** +12, −3; null = not known. */
export const signed = (value: number | null): string =>
  value === null ? '–' : value === 0 ? '0' : `${value > 0 ? '+' : '−'}${number(Math.abs(value))}`

export const percent = (value: number | null): string => (value === null ? '–' : `${signed(value)} %`)

/** `2026-11-23T00:05:00.000Z` as `2026-11-23`; null = never, or not known. */
export const day = (at: Instant | null): string => (at === null ? '–' : at.slice(0, 10))

export const moment = (at: Instant | null): string =>
  at === null ? '–' : `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`

const NETWORK_NAMES: Readonly<Record<string, string>> = {
  instagram: 'Instagram',
  youtube: 'YouTube',
  tiktok: 'TikTok',
}

export const networkName = (network: string): string => NETWORK_NAMES[network] ?? network

/** What somebody is called, in plain text: the name that is shown, else the one in the address, else the id. */
export const plainName = ({ name, username, id }: Omit<Named, 'network'>): string => name ?? username ?? id

/** The same in its own direction of writing, so that it turns nothing around it. */
export const named = (who: Omit<Named, 'network'>): Html => html`<bdi dir="auto">${plainName(who)}</bdi>`

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** At most so many letters as people count them, on one line. */
export const short = (text: string, room: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const all = Array.from(letters.segment(line), ({ segment }) => segment)
  return all.length <= room ? line : `${all.slice(0, room - 1).join('')}…`
}
