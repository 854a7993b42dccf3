import { BadInput } from '../../core/errors.ts'
import type { IdNetwork, NamedLine } from './named-line.ts'

/** What is wrong with a list, told at once at its end. */
export interface BadLines {
  /** A line that names no profile, and why. */
  add(error: BadInput): void
  /** A line that names one: it may look more like something else. */
  pass(line: NamedLine): void
  /** Lines with an id so far. */
  lines(): number
  /** Null = nothing is wrong. */
  refusal(): BadInput | null
}

/** So many bad lines are named. */
const NAMED = 20
/** From so many lines on that look like something else it is told what the list is of. */
const ENOUGH = 3

/** Counts the lines of a list that are bad; `name` is what messages call the list. */
export const openBadLines = (name: string): BadLines => {
  const named: BadInput[] = []
  const alike = new Map<string, { readonly network: IdNetwork; readonly what: string; count: number }>()
  let bad = 0
  let lines = 0
  return {
    add: error => {
      lines += 1
      bad += 1
      if (named.length < NAMED) named.push(error)
    },
    pass: ({ network, id, kind }) => {
      lines += 1
      const what = kind === 'profile' ? (network.looksLike?.(id) ?? null) : null
      if (what === null) return
      const key = `${network.name} ${what}`
      const seen = alike.get(key) ?? { network, what, count: 0 }
      seen.count += 1
      alike.set(key, seen)
    },
    lines: () => lines,
    refusal: () => {
      const most = [...alike.values()].find(({ count }) => count >= ENOUGH && count > lines / 2)
      if (most !== undefined) return mistaken(name, lines, most)
      const [first = null] = named
      return bad > 1 ? refuse(named, bad) : first
    },
  }
}

const mistaken = (
  name: string,
  lines: number,
  { network, what, count }: { readonly network: IdNetwork; readonly what: string; readonly count: number },
): BadInput =>
  new BadInput(`${name}: ${count} of ${lines} lines look like ${what}, not like a ${network.name} profile`, {
    hint: `allowed: ${network.idForms}${network.others.post === undefined ? '' : '; for posts give --as post, or post: before each'}`,
  })

/** Each with its own hint where they differ. */
const refuse = (named: readonly BadInput[], bad: number): BadInput => {
  const hints = new Set(named.map(({ hint }) => hint))
  const [shared = null] = hints.size === 1 ? hints : []
  const told = named.map(({ message, hint }) =>
    shared === null && hint !== null ? `  ${message} (${hint})` : `  ${message}`,
  )
  const more = bad - named.length
  const lines = [`${bad} lines name no profile`, ...told, ...(more === 0 ? [] : [`  and ${more} more`])]
  return new BadInput(lines.join('\n'), shared === null ? {} : { hint: shared })
}
