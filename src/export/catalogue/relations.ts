import { MISSING_SINCE, NETWORK, names, own, type TableEntry, told, WRITTEN } from './entry.ts'

export const relations: TableEntry = {
  title: 'Relations',
  description: 'Who stands in which relation to a profile, one row each, where a network tells both.',
  table: 'relations',
  key: ['network', 'id'],
  references: [],
  facets: ['network', 'kind'],
  newest: 'first_seen_at',
  label: 'person_name',
  columns: {
    network: NETWORK,
    id: own('`kind:profile_id:person_id`, and the post behind that where there is one.', { person: 'text' }),
    kind: told(
      'What the person is to the profile: `follower`; `following`, whom the profile follows; `tagger` and `mentioner`, whose post names it; `collaborator` of its post.',
      { absent: null, person: 'nothing' },
    ),
    profile_id: told('The profile (`id` in profiles).', { absent: null, person: 'profile' }),
    person_id: told("The person's id, or the name in their address where the network tells no id.", {
      absent: null,
      person: 'author_id',
    }),
    person_name: told('The name that they show.', { person: 'author_name' }),
    post_id: told('The post in which they do; it need not be one of posts.', {
      absent: 'it is in no post',
      person: 'nothing',
    }),
    created_at: told('When it began.', { absent: 'the network does not tell it' }),
    missing_since: MISSING_SINCE,
    ...WRITTEN,
    ...names('that profile'),
  },
}
