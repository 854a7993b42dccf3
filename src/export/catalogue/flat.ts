import {
  counted,
  listed,
  MISSING_SINCE,
  NETWORK,
  own,
  profileNames,
  type TableEntry,
  told,
  WRITTEN,
} from './entry.ts'

export const flat: TableEntry = {
  title: 'Flat',
  description:
    'One table to begin with: a post a row, with what stands beside it in the others, as it is now.',
  table: null,
  key: ['network', 'post_id'],
  references: [{ columns: ['network', 'post_id'], table: 'posts', key: ['network', 'id'] }],
  facets: ['network', 'kind', 'profile_username'],
  newest: 'created_at',
  label: 'caption',
  columns: {
    network: NETWORK,
    profile_id: told('The profile that published it (`id` in profiles).', {
      absent: null,
      person: 'profile',
    }),
    ...profileNames('its profile'),
    profile_url: own('`url` of its profile.', {
      absent: 'the profile has none, or is not stored',
      workedOut: true,
      person: 'text',
    }),
    profile_followers_count: own('`followers_count` of its profile.', {
      unit: 'count',
      absent: 'hidden, or the network does not tell it: never zero',
      workedOut: true,
    }),
    post_id: own('The post (`id` in posts).', { person: 'nothing' }),
    post_permalink: own('`permalink` of the post.', {
      absent: 'the network does not tell it',
      person: 'text',
    }),
    kind: told('As `kind` in posts.', { absent: 'it was not told', person: 'nothing' }),
    title: told('Its title.', { person: 'text' }),
    caption: told('Its text, or the description of a video.', { absent: 'it has none', person: 'text' }),
    created_at: told('When it was published.', { absent: 'it was not told' }),
    like_count: counted('How many likes it has.'),
    comments_count: counted('How many comments the network declares.'),
    view_count: counted('How many views it has.'),
    share_count: counted('How often it was shared.'),
    save_count: counted('How often it was saved, or made a favourite.'),
    hashtags: listed('Its hashtags without `#`', { person: 'json' }),
    mentions: listed('The handles that it mentions, without `@`', { person: 'json' }),
    language: told('The language of title and caption, as in posts.', { person: 'nothing' }),
    product_type: told('As `product_type` in posts.', { person: 'nothing' }),
    media_count: own('How many of its pictures and films are stored and not gone.', {
      unit: 'count',
      workedOut: true,
    }),
    stored_comments_count: own('How many of its comments are stored and not gone.', {
      unit: 'count',
      workedOut: true,
    }),
    engagement: own('As in engagement: (likes + comments + shares) / followers.', {
      unit: 'ratio',
      absent: 'likes, comments or followers are hidden or unknown, or followers are 0',
      workedOut: true,
    }),
    engagement_parts: own('What went into it, as `parts` in engagement.', {
      absent: 'there is no engagement of it',
      workedOut: true,
      person: 'nothing',
    }),
    fetched_at: WRITTEN.fetched_at,
    missing_since: MISSING_SINCE,
  },
}
