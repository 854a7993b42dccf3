import { createHash } from 'node:crypto'

/**
 * A file name from an id or any other text: letters, digits, `_` and `-` alone, so that it stays in its folder and
 * means nothing to a shell. What does not survive that, capitals on a system that folds them included, is told
 * apart by a piece of its hash.
 */
export const safeName = (text: string): string => {
  const safe = text
    .replace(/[^\w-]+/g, '_')
    .replace(/^(?!\w)/, '_')
    .slice(0, 80)
  if (safe === text && safe === text.toLowerCase()) return safe
  return `${safe}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}`
}
