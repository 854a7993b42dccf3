import type { Call } from '../call.ts'
import type { Wire } from '../wire/write-json.ts'

/** A page of any list, before faults. */
export interface ListPage {
  readonly items: readonly Wire[]
  /** The cursor that the page was asked with. */
  readonly asked: number
  /** The cursor of the next. */
  readonly cursor: number
  readonly more: boolean
  /** The last items of the page before, where they can be shown. */
  before?(count: number): readonly Wire[]
}

/** `cursor`, `has_more` and the list under its key, bent as switches say (docs/networks/tiktok.md §9). */
export const listPage = (
  call: Call,
  key: string,
  page: ListPage,
): { readonly [key: string]: Wire | undefined } => {
  const { knobs, request } = call
  const on = (name: 'empty-page' | 'stuck-cursor'): boolean => knobs.take(name, request) !== undefined
  if (on('empty-page')) return { [key]: [], cursor: page.cursor, has_more: true }
  if (on('stuck-cursor')) return { [key]: page.items, cursor: page.asked, has_more: true }
  const twice = page.before === undefined ? undefined : knobs.take('duplicate-item', request)
  const again = twice === undefined ? [] : (page.before?.(typeof twice === 'number' ? twice : 1) ?? [])
  return {
    [key]: [...again, ...page.items],
    cursor: page.more ? page.cursor : lastCursor(call, page),
    has_more: page.more,
  }
}

const lastCursor = ({ knobs }: Call, page: ListPage): number | undefined => {
  if (knobs.is('last-cursor', 'missing')) return undefined
  return knobs.is('last-cursor', 'unchanged') ? page.asked : page.cursor
}
