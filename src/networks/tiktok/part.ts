import type { RawPage, RawPart } from '../../core/stream.ts'
import { Fields, type Reader } from '../reader.ts'

/** The first answer of a page. */
export const firstPart = ({ parts: [first] }: RawPage): RawPart => {
  if (first === undefined) throw new Error('a page of TikTok has at least one answer')
  return first
}

/** What stands in the envelope's `data`; an answer without it speaks of nothing. */
export const dataOf = (part: RawPart, reader: Reader): Fields =>
  reader.object(part.json, '$')?.object('data') ?? new Fields({}, '$.data', reader)
