import {
  counted,
  EXTRA,
  MISSING_SINCE,
  NETWORK,
  names,
  own,
  profileNames,
  type TableEntry,
  told,
  WRITTEN,
} from './entry.ts'

export const collections: TableEntry = {
  title: 'Collections',
  description: 'Playlists, tags and searches that lists name, and lists that profiles show, one row each.',
  table: 'collections',
  key: ['network', 'id'],
  references: [],
  facets: ['network', 'kind'],
  newest: 'items_count',
  label: 'title',
  columns: {
    network: NETWORK,
    id: told('What it is named by in a list: its kind, a colon, and the id of the network.', {
      absent: null,
      person: 'nothing',
    }),
    kind: told('`playlist`, `tag`, `search`, `pinned` or `reposted`.', { absent: null, person: 'nothing' }),
    profile_id: told('The profile that keeps it (`id` in profiles, where that is stored).', {
      person: 'profile',
    }),
    title: told('Its title.', { person: 'text' }),
    description: told('Its description.', { person: 'text' }),
    url: told('Its address.', { person: 'text' }),
    created_at: told('When it was made.'),
    items_count: counted('How many items the network declares.'),
    extra: EXTRA,
    missing_since: MISSING_SINCE,
    ...WRITTEN,
    stored_items_count: own('How many of its items are stored and not taken out of it.', {
      unit: 'count',
      workedOut: true,
    }),
    ...profileNames('that profile'),
  },
}

export const items: TableEntry = {
  title: 'Items',
  description: 'The posts that collections hold, one row a post and collection.',
  table: 'collection_items',
  key: ['network', 'collection_id', 'post_id'],
  references: [{ columns: ['network', 'collection_id'], table: 'collections', key: ['network', 'id'] }],
  facets: ['network', 'collection_id'],
  newest: 'added_at',
  label: 'post_id',
  columns: {
    network: NETWORK,
    collection_id: told('The collection that holds it (`id` in collections).', {
      absent: null,
      person: 'nothing',
    }),
    post_id: told('The post (`id` in posts). It has no row there where it was deleted, or is private.', {
      absent: null,
      person: 'nothing',
    }),
    position: told('Its place, from 0.', { unit: 'count', absent: 'the network tells no order' }),
    added_at: told('When it was put there.'),
    missing_since: own('When the collection was first read whole without it: it was taken out.', {
      absent: 'it is still in it',
    }),
    ...WRITTEN,
    ...names("the post's profile"),
    collection_title: own('`title` of the collection.', {
      absent: 'it has none, or has not come',
      workedOut: true,
      person: 'text',
    }),
  },
}
