import {
  counted,
  EXTRA,
  MISSING_SINCE,
  NETWORK,
  names,
  own,
  type TableEntry,
  told,
  WRITTEN,
} from './entry.ts'

export const comments: TableEntry = {
  title: 'Comments',
  description: 'Comments on the posts and the replies to them, one row each.',
  table: 'comments',
  key: ['network', 'id'],
  references: [{ columns: ['network', 'post_id'], table: 'posts', key: ['network', 'id'] }],
  facets: ['network'],
  newest: 'created_at',
  label: 'content',
  columns: {
    network: NETWORK,
    id: told("The network's own id of the comment, as text.", { absent: null, person: 'nothing' }),
    post_id: told('The post that it stands below (`id` in posts).', { absent: null, person: 'nothing' }),
    parent_id: told('The comment that it answers (`id` in comments).', {
      absent: 'it is of the top level',
      person: 'nothing',
    }),
    author_id: told("The network's own id of who wrote it, as text.", { person: 'author_id' }),
    author_name: told('The name of who wrote it, as it was shown then.', { person: 'author_name' }),
    content: told('Its text.', { absent: 'it has none, such as a picture alone', person: 'text' }),
    like_count: counted('How many likes it has.'),
    reply_count: counted('How many replies the network declares.', {
      absent: 'it is a reply itself, or the network does not tell it',
    }),
    created_at: told('When it was written.', { absent: 'it was not told' }),
    updated_at: told('When it was last edited; `created_at` where it never was.'),
    extra: EXTRA,
    replies_declared: own('What `reply_count` was when its replies were last read.', {
      unit: 'count',
      absent: 'they were not read by themselves',
    }),
    replies_left_by: own('The reading that left its further replies as they were, since nothing had moved.', {
      absent: 'none did',
      person: 'nothing',
    }),
    missing_since: MISSING_SINCE,
    ...WRITTEN,
    ...names('the profile that published the post'),
  },
}

export const likes: TableEntry = {
  title: 'Likes',
  description: 'Who liked what, only where a network names both: never worked out from a count.',
  table: 'likes',
  key: ['network', 'post_id', 'author_id'],
  references: [],
  facets: ['network'],
  newest: 'first_seen_at',
  label: null,
  columns: {
    network: NETWORK,
    id: own('`post_id:author_id`.', { person: 'text' }),
    post_id: told('The post that was liked; it need not be one of posts.', {
      absent: null,
      person: 'nothing',
    }),
    author_id: told('The profile that liked it (`id` in profiles).', { absent: null, person: 'author_id' }),
    created_at: told('When it was liked.', { absent: 'no network tells it so far' }),
    ...WRITTEN,
    ...names('the profile that liked it'),
  },
}
