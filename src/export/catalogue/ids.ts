import { NETWORK, own, profileNames, type TableEntry } from './entry.ts'

export const ids: TableEntry = {
  title: 'Ids',
  description: 'What became of each id of the lists: a row an id, with how its newest job ended.',
  table: null,
  key: ['network', 'id'],
  references: [],
  facets: ['network', 'kind', 'status', 'reason'],
  newest: 'asked_at',
  label: 'id',
  columns: {
    network: NETWORK,
    id: own(
      'What it was asked for by: a name or an id of a profile, or the id of a post behind `post:`, of a playlist behind `playlist:`, a tag behind `tag:`, or the name of a search behind `search:`.',
      {
        person: 'profile',
      },
    ),
    kind: own('What it points at: `profile`, `post`, `playlist`, `tag` or `search`.', {
      workedOut: true,
      person: 'nothing',
    }),
    profile_id: own('The profile that answered to it, or that the post is of (`id` in profiles).', {
      absent: 'none has come yet',
      person: 'profile',
    }),
    ...profileNames('that profile'),
    post_id: own('The post that it names (`id` in posts).', {
      absent: 'it names none',
      workedOut: true,
      person: 'nothing',
    }),
    post_permalink: own('`permalink` of that post.', {
      absent: 'it names none, or the post has not come',
      workedOut: true,
      person: 'text',
    }),
    collection_title: own('`title` of the playlist, tag or search that it names.', {
      absent: 'it names none, or it has none, or it has not come',
      workedOut: true,
      person: 'text',
    }),
    status: own('How its newest job stands, as in jobs.', { workedOut: true, person: 'nothing' }),
    reason: own('Why it was skipped, or is not whole: a word of the reasons.', {
      absent: 'nothing of the kind',
      workedOut: true,
      person: 'nothing',
    }),
    error_type: own('What kind of error that job met last: a word of the error types.', {
      absent: 'it met none that stands',
      workedOut: true,
      person: 'nothing',
    }),
    error_message: own('That error in the words of who refused.', {
      absent: 'it met none that stands',
      workedOut: true,
      kept: true,
      person: 'message',
    }),
    missing_since: own('Since when the network says that it is not there.', {
      absent: 'it is there, or was never asked for with an answer',
      workedOut: true,
    }),
    job_id: own('That job (`id` in jobs).', { workedOut: true }),
    run_id: own('The run that it is of.', { workedOut: true }),
    first_asked_at: own('When a list named it first.', { workedOut: true }),
    asked_at: own('When that job was made.', { workedOut: true }),
  },
}
