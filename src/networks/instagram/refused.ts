import type { Memory } from '../contract.ts'
import { VERSION } from './access.ts'

/** Fields and metrics that a route refused, kept across runs; another version of the API is asked anew. */
export const openRefused = (memory: Memory) => {
  const keyOf = (route: string): string => `${VERSION}/${route}/refused`
  const of = (route: string): ReadonlySet<string> => {
    const known = memory.get(keyOf(route))
    return new Set(Array.isArray(known) ? known.filter(name => typeof name === 'string') : [])
  }
  const add = (route: string, names: readonly string[]): void =>
    memory.set(keyOf(route), [...new Set([...of(route), ...names])])
  return { of, add }
}
