/** What a stand-in knows of each profile: how many posts, and comments of each. */
export interface World {
  readonly posts: number
  readonly comments: number
}

/** A call, as far as an answer needs it. */
export interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

/** What a network answers; null = a call of another one. */
export type Answer = (asked: Asked, world: World) => unknown

const WORDS = 'pier rain market coffee bread window letter garden yellow boat'.split(' ')

/** A text of a comment, about 80 characters, another one for each number. */
export const textOf = (number: number): string =>
  Array.from({ length: 12 }, (_, at) => WORDS[(number * 7 + at * (number % 9)) % WORDS.length]).join(' ')

/** Items `from` up to at most `most` of `all`, and where the next page begins; null = the list ends. */
export const slice = <T>(
  all: number,
  from: number,
  most: number,
  item: (number: number) => T,
): { readonly items: T[]; readonly next: number | null } => {
  const until = Math.min(all, from + most)
  const items = Array.from({ length: Math.max(0, until - from) }, (_, at) => item(from + at))
  return { items, next: until < all ? until : null }
}

/** Instants go back a minute from one to the next. */
export const instant = (number: number): number => Date.UTC(2026, 0, 1) - number * 60_000

/** The text of an answer: `#` and digits stand for an integer of any length. */
export const textOfAnswer = (answer: unknown): string => JSON.stringify(answer).replace(/"#(\d+)"/g, '$1')
