/** What an id of a list can point at. */
export const ENTITY_KINDS = ['profile', 'post', 'playlist', 'tag', 'search'] as const
export type EntityKind = (typeof ENTITY_KINDS)[number]
/** How many of each kind a list names. */
export type Listed = Readonly<Record<(typeof PLURALS)[EntityKind], number>>
export const PLURALS = {
  profile: 'profiles',
  post: 'posts',
  playlist: 'playlists',
  tag: 'tags',
  search: 'searches',
} as const

/** All but profiles. */
export type OtherKind = Exclude<EntityKind, 'profile'>
/** What a list can name that holds posts, which need not be one profile's. */
export type HoldingKind = Exclude<OtherKind, 'post'>
export const HOLDING_KINDS: readonly HoldingKind[] = ['playlist', 'tag', 'search']
/** Whether that is all of these; the others are kept as they come, and hold what they once brought. */
export const isWholeEachTime = (kind: EntityKind): boolean => kind === 'playlist'

/**
 * The key of an entity within its network: a profile's is what the network calls it, any other's is its kind, a colon and the
 * network's id (`post:dQw4w9WgXcQ`). No profile's key holds a colon.
 */
export const entityKey = (kind: EntityKind, id: string): string => (kind === 'profile' ? id : `${kind}:${id}`)

export const kindOfEntity = (key: string): EntityKind => kindNamed(prefixOf(key)) ?? 'profile'

/** Whether a key is of what holds posts that need not be one profile's. */
export const holdsPosts = (key: string): boolean => HOLDING_KINDS.some(kind => kind === kindOfEntity(key))

/** The network's own id in the key of an entity. */
export const idOfEntity = (key: string): string =>
  kindOfEntity(key) === 'profile' ? key : key.slice(prefixOf(key).length + 1)

export const kindNamed = (name: string): EntityKind | null => ENTITY_KINDS.find(kind => kind === name) ?? null

const prefixOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf(':')))
