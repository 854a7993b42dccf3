import { counted, EXTRA, MISSING_SINCE, NETWORK, own, type TableEntry, told, WRITTEN } from './entry.ts'

export const posts: TableEntry = {
  title: 'Posts',
  description: 'What the profiles published, one row a post or video, with its newest counters.',
  table: 'posts',
  key: ['network', 'id'],
  references: [{ columns: ['network', 'profile_id'], table: 'profiles', key: ['network', 'id'] }],
  facets: ['network', 'kind', 'comments_reason'],
  newest: 'created_at',
  label: 'caption',
  columns: {
    network: NETWORK,
    id: told("The network's own id of the post, as text.", { absent: null, person: 'nothing' }),
    profile_id: told('The profile that published it (`id` in profiles).', {
      absent: null,
      person: 'profile',
    }),
    kind: told('`image`, `video`, `carousel`, `reel`, `story`, `short`, `live` or `other`.', {
      absent: 'it was not told',
      person: 'nothing',
    }),
    title: told('Its title.', { person: 'text' }),
    caption: told('Its text, or the description of a video.', { absent: 'it has none', person: 'text' }),
    permalink: told('Its address on the network.', { person: 'text' }),
    created_at: told('When it was published.', { absent: 'it was not told' }),
    like_count: counted('How many likes it has.'),
    comments_count: counted('How many comments the network declares.'),
    view_count: counted('How many views it has.'),
    share_count: counted('How often it was shared.'),
    save_count: counted('How often it was saved, or made a favourite.'),
    extra: EXTRA,
    comments_reason: own('Why fewer comments are stored than the network declares: a word of the reasons.', {
      absent: 'nothing is missing, or nothing is declared',
      person: 'nothing',
    }),
    comments_synced_at: own('When its comments were last read to their end.', { absent: 'they never were' }),
    comments_refused_to: own('Whose credential its comments were refused to.', {
      absent: 'they were not refused',
      kept: true,
      person: 'message',
    }),
    comments_declared: own('What `comments_count` was when its comments were last read to their end.', {
      unit: 'count',
      absent: 'they never were, or the network declared nothing',
    }),
    missing_since: MISSING_SINCE,
    ...WRITTEN,
    stored_comments_count: own('How many of its comments are stored and not gone.', {
      unit: 'count',
      workedOut: true,
    }),
    profile_username: own('`username` of its profile.', {
      absent: 'the profile has none, or is not stored',
      workedOut: true,
      person: 'profile',
    }),
    profile_name: own('`name` of its profile.', {
      absent: 'the profile has none, or is not stored',
      workedOut: true,
      person: 'profile',
    }),
  },
}

export const media: TableEntry = {
  title: 'Media',
  description: 'The pictures and films of the posts, one row each: their addresses, not the files.',
  table: 'media',
  key: ['network', 'post_id', 'position'],
  references: [{ columns: ['network', 'post_id'], table: 'posts', key: ['network', 'id'] }],
  facets: ['network', 'kind'],
  newest: 'first_seen_at',
  label: null,
  columns: {
    network: NETWORK,
    post_id: told('The post that it belongs to (`id` in posts).', { absent: null, person: 'nothing' }),
    position: own('Its place in the post, counted from 0.', { unit: 'count' }),
    id: own("The network's own id of it, else `post_id:position`.", { person: 'nothing' }),
    kind: told('`photo` or `video`.', { absent: null, person: 'nothing' }),
    url: told('Its address; signed ones expire within hours or days.', { person: 'text' }),
    thumbnail_url: told('The address of a still picture of it; it may expire.', { person: 'text' }),
    width: told('Its width.', { unit: 'pixels' }),
    height: told('Its height.', { unit: 'pixels' }),
    duration_ms: told('How long the film is.', {
      unit: 'milliseconds',
      absent: 'it is a picture, a broadcast that has not ended, or the network does not tell it',
    }),
    missing_since: MISSING_SINCE,
    ...WRITTEN,
  },
}
