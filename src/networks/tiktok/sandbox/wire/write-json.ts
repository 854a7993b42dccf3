/** What an answer is made of. A bigint is written as a bare number, to the last digit; an undefined field is left out. */
export type Wire =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Wire[]
  | { readonly [key: string]: Wire | undefined }

/**
 * JSON in which every object has its keys in an order of its own, decided by `order` (docs/networks/tiktok.md §2): they
 * begin somewhere, and every other eight orders go backwards.
 */
export const writeJson = (value: Wire, order: number): string => {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map((item, index) => writeJson(item, order + 7 * index)).join(',')}]`
  const keys = Object.keys(value)
  const step = (order >> 3) % 2 === 0 ? 1 : keys.length - 1
  let text = ''
  // The hot path of a page: one string grown in place. Keys are plain words and need no escaping.
  for (let n = 0, at = order; n < keys.length; n++, at += step) {
    const key = keys[at % keys.length] ?? ''
    const field = value[key]
    if (field !== undefined) text += `${text === '' ? '' : ','}"${key}":${writeJson(field, order + n)}`
  }
  return `{${text}}`
}

const isList = (
  value: readonly Wire[] | { readonly [key: string]: Wire | undefined },
): value is readonly Wire[] => Array.isArray(value)
