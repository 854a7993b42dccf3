import type { Json, JsonObject } from '../../../../core/json.ts'
import type { SandboxRequest } from '../../../sandbox.ts'
import { readId } from '../world/ids.ts'
import { invalid } from './reply.ts'

/** A request's body, read as leniently as the network reads it: nulls are absent, numbers may come as text (docs/networks/tiktok.md §3). */
export class Body {
  readonly raw: JsonObject

  constructor(raw: JsonObject) {
    this.raw = raw
  }

  /** From JSON of any content type. An empty body is an empty object. */
  static ofJson(request: SandboxRequest): Body {
    if (request.body.trim() === '') return new Body({})
    try {
      const value = JSON.parse(quoteLongNumbers(request.body)) as Json
      if (isObject(value)) return new Body(value)
    } catch {
      // Said below, like any other body that is no object.
    }
    throw invalid('The request body is not a JSON object')
  }

  get(key: string): Json | undefined {
    return this.raw[key] ?? undefined
  }

  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined || typeof value === 'string') return value
    throw invalid(`${key} must be a string`)
  }

  /** A 64-bit id, bare or quoted. */
  id(key: string): bigint | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const id = typeof value === 'string' || typeof value === 'number' ? readId(String(value)) : null
    if (id === null) throw invalid(`${key} must be an int64`)
    return id
  }

  whole(key: string): number | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    throw invalid(`${key} must be an integer`)
  }

  maxCount(usual: number, most: number): number {
    const count = this.whole('max_count') ?? usual
    if (count >= 1 && count <= most) return count
    throw invalid(`max_count must be between 1 and ${most}`)
  }

  cursor(): number {
    const cursor = this.whole('cursor') ?? 0
    if (cursor >= 0) return cursor
    throw invalid('cursor must not be negative')
  }
}

/** Whole numbers that a double would round become strings; what stands in quotes is passed over. */
const quoteLongNumbers = (json: string): string =>
  json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, token =>
    token.startsWith('"') ? token : `"${token}"`,
  )

/** A JSON object, neither list nor null. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
