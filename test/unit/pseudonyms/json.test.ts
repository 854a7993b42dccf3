import { expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.ts'
import { coverJson } from '../../../src/pseudonyms/json.ts'

const covered = (value: Json, key = 'extra'): Json =>
  coverJson(
    value,
    key,
    { cover: (_, word) => (word === 'mine' ? word : `<${word}>`), addresses: [] },
    { network: 'n', known: ['Ada'] },
  )

it.each<[Json, Json]>([
  [
    { username: 'ada', hidden: false },
    { username: '<ada>', hidden: false },
  ],
  [
    { authorProfileImageUrl: 'https://x/1', thumbnail_url: 'https://x/2' },
    { authorProfileImageUrl: null, thumbnail_url: 'https://x/2' },
  ],
  [
    { channelId: 'mine', channelTitle: 'Ada B', title: 'by Ada' },
    { channelId: 'mine', channelTitle: '<Ada B>', title: 'by <Ada>' },
  ],
  [
    { owner: { id: 12, name: 'x', avatar: 'y', count: 3 } },
    { owner: { id: '<12>', name: '<x>', avatar: null, count: 3 } },
  ],
  [
    { mentions: ['a', { id: 1 }], video_mention_list: ['b'] },
    { mentions: ['<a>', { id: '<1>' }], video_mention_list: ['<b>'] },
  ],
  [
    { id: 'post', tags: ['bread', 'with @eve'], '@eve': 1 },
    { id: 'post', tags: ['bread', 'with @<eve>'], '@<eve>': 1 },
  ],
  [
    ['Ada', null, true, 1.5, ''],
    ['<Ada>', null, true, 1.5, ''],
  ],
  [
    { user_id: '', from: '2026-03-01', like_count: 7 },
    { user_id: '', from: '2026-03-01', like_count: 7 },
  ],
])('%j', (value, expected) => expect(covered(value)).toEqual(expected))

it.each<[string, Json, Json]>([
  ['mentions', ['ada', '@bob'], ['<ada>', '<@bob>']],
  [
    'collaborators',
    ['ada', { username: 'bob', since: '2026' }],
    ['<ada>', { username: '<bob>', since: '2026' }],
  ],
  ['hashtags', ['bread', 'with @eve'], ['bread', 'with @<eve>']],
])('a column %s', (column, value, expected) => expect(covered(value, column)).toEqual(expected))
