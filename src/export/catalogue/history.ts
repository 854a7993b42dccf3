import { NETWORK, names, own, profileNames, type TableEntry } from './entry.ts'

export const metrics: TableEntry = {
  title: 'Metrics',
  description:
    'The counters of profiles, posts and comments as a history: a row when one was first seen, when it moved, and now and then where it did not.',
  table: 'metrics',
  key: ['network', 'subject', 'subject_id', 'name', 'observed_at'],
  references: [],
  facets: ['network', 'subject', 'name'],
  newest: 'observed_at',
  label: null,
  columns: {
    network: NETWORK,
    subject: own('What it is a counter of: `profile`, `post` or `comment`.', { person: 'nothing' }),
    subject_id: own('The `id` of that in profiles, posts or comments.', { person: 'subject' }),
    name: own(
      "Which counter: the name of a column there, such as `followers_count`, or an insight by the network's name, of a table with the breakdown and its part (`follower_demographics.country.PT`); those that begin with `day.` count one day.",
      { person: 'nothing' },
    ),
    observed_at: own(
      "When the network told it; of a counter of one day (`day.…`) that day's end, of a table (`follower_demographics.…`) one moment for all its rows.",
    ),
    value: own('What it was, in what its name counts.', {
      absent: 'from then on it was hidden; of a day: the network tells none',
    }),
    ...names('the profile that it is, or that published the post'),
  },
}

export const engagement: TableEntry = {
  title: 'Engagement',
  description:
    'One row a post: (likes + comments + shares) / followers, all as they were when the post was last fetched.',
  table: 'engagement',
  key: ['network', 'post_id'],
  references: [{ columns: ['network', 'post_id'], table: 'posts', key: ['network', 'id'] }],
  facets: ['network', 'parts'],
  newest: 'observed_at',
  label: null,
  columns: {
    network: NETWORK,
    post_id: own('The post (`id` in posts).', { person: 'nothing' }),
    profile_id: own('Its profile (`id` in profiles).', { person: 'profile' }),
    ...profileNames('its profile'),
    observed_at: own('When the post was last fetched.'),
    followers_count: own('How many followed the profile then.', {
      unit: 'count',
      absent: 'hidden, or not known at that moment',
    }),
    engagement: own('(likes + comments + shares) / followers; 0.01 is one in a hundred followers.', {
      unit: 'ratio',
      absent: 'likes, comments or followers are hidden or unknown, or followers are 0',
    }),
    parts: own('What went in: `likes,comments,shares`, or `likes,comments` where shares are not told.', {
      person: 'nothing',
    }),
  },
}
