/** What an id of a list can point at. */
export const ENTITY_KINDS = ['profile', 'post', 'playlist'] as const
export type EntityKind = (typeof ENTITY_KINDS)[number]
/** How many of each kind a list names. */
export type Listed = Readonly<Record<(typeof PLURALS)[EntityKind], number>>
export const PLURALS = { profile: 'profiles', post: 'posts', playlist: 'playlists' } as const

/** All but profiles. */
export type OtherKind = Exclude<EntityKind, 'profile'>
/** What holds posts that need not be one profile's. */
export type CollectionKind = Exclude<OtherKind, 'post'>

/**
 * The key of an entity within its network: a profile's is what the network calls it, any other's is its kind, a colon and the
 * network's id (`post:dQw4w9WgXcQ`). No profile's key holds a colon.
 */
export const entityKey = (kind: EntityKind, id: string): string => (kind === 'profile' ? id : `${kind}:${id}`)

export const kindOfEntity = (key: string): EntityKind => kindNamed(prefixOf(key)) ?? 'profile'

/** The network's own id in the key of an entity. */
export const idOfEntity = (key: string): string =>
  kindOfEntity(key) === 'profile' ? key : key.slice(prefixOf(key).length + 1)

export const kindNamed = (name: string): EntityKind | null => ENTITY_KINDS.find(kind => kind === name) ?? null

const prefixOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf(':')))
