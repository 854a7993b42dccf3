import type { ProfileName } from '../../store/reports/names.ts'
import { printable } from './text.ts'

/** What a profile is called beside its key: `@north.pier, North Pier`; what the key says already is left out. */
export const namesBeside = (
  id: string,
  { username, name }: { readonly username: string | null; readonly name: string | null },
): string => {
  const handle = username === null ? null : `@${username.replace(/^@/, '')}`
  const isNews = (text: string | null): text is string =>
    text !== null && text !== '' && bare(text) !== bare(id)
  const told = [...(isNews(handle) ? [handle] : [])]
  if (isNews(name) && (handle === null || bare(name) !== bare(handle))) told.push(name)
  return printable(told.join(', ').replaceAll(/\s+/g, ' '))
}

const bare = (text: string): string => text.replace(/^@/, '').toLowerCase()

/** A profile by its key, with what it is called where that is known: `UC42 (@north.pier, North Pier)`. */
export const called =
  (names: readonly ProfileName[]) =>
  ({ network, entity_id: id }: { readonly network: string; readonly entity_id: string }): string => {
    const name = names.find(one => one.network === network && one.id === id)
    const beside = name === undefined ? '' : namesBeside(id, name)
    return `${printable(id)}${beside === '' ? '' : ` (${beside})`}`
  }
