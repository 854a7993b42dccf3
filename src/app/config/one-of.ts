import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'

/** One of some words; the nearest is suggested for another. */
export const oneOf = <const T extends string>(text: string, words: readonly T[], place: string): T => {
  const found = words.find(word => word === text)
  if (found !== undefined) return found
  const meant = nearest(text, words)
  throw new BadInput(`${place} "${text.slice(0, 60)}" is not known`, {
    hint:
      meant === null ? `allowed: ${words.join(', ')}` : `did you mean ${meant}? allowed: ${words.join(', ')}`,
  })
}
