import { hash } from 'node:crypto'
import type { Json, JsonObject } from '../../../../core/json.ts'

/** What a resource can tell, by `part`; a part that this one does not have gives undefined. */
export type Parts = Readonly<Record<string, () => JsonObject | undefined>>

/** Bare, as since 2020 (docs/networks/youtube.md §1): changes with what it stands for. */
export const etagOf = (value: Json): string => hash('sha1', JSON.stringify(value), 'base64url')

/** The etags of resources stand for them: nothing is hashed twice. */
export const etagsOf = (resources: readonly JsonObject[]): readonly Json[] =>
  resources.map(({ etag = null }) => etag)

/** A resource with the parts asked for: kind, etag and id stand in each. `essence` = what its etag is made of, all unless said. */
export const makeResource = (
  kind: string,
  id: Json,
  parts: Parts,
  wanted: ReadonlySet<string>,
  essence?: Json,
): JsonObject => {
  const members: Record<string, JsonObject> = {}
  for (const [name, make] of Object.entries(parts)) {
    const member = wanted.has(name) ? make() : undefined
    if (member !== undefined) members[name] = member
  }
  return { kind: `youtube#${kind}`, etag: etagOf(essence ?? { id, ...members }), id, ...members }
}

/** `2026-03-01T10:20:30Z` */
export const rfc3339 = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
