import { describe, expect, it } from 'vitest'
import type { PeopleCover, Whom } from '../../../../src/app/privacy/cover.ts'
import { coverRows } from '../../../../src/app/privacy/rows.ts'
import type { ExportKind } from '../../../../src/export/kinds.ts'
import type { Row } from '../../../../src/export/table.ts'
import { EXPORTS } from '../../../../src/store/reports/export-rows.ts'

const LISTED: ReadonlySet<string> = new Set(['17841', 'north.pier', 'UCmine'])
const isListed = (_: string, word: string): boolean => LISTED.has(word.replace(/^@/, ''))

const coverOf = (whom: Whom): PeopleCover => ({
  whom,
  isListed,
  cover: (network, word) => (whom === 'authors' && isListed(network, word) ? word : `<${word}>`),
  addresses: [],
})

const covered = async (whom: Whom, kind: ExportKind, row: Row): Promise<Row> => {
  const rows = (async function* () {
    yield { network: 'instagram', ...row }
  })()
  for await (const one of coverRows(kind, EXPORTS[kind].columns, rows, coverOf(whom))) return one
  throw new Error('no row came')
}

describe('the author of a comment', () => {
  it.each([
    ['is somebody', '99', 'ada', '<99>', '<ada>'],
    ['is of the list by id', '17841', 'North Pier', '17841', 'North Pier'],
    ['is of the list by name alone', null, 'north.pier', null, 'north.pier'],
    ['is called as one of the list, and is another', '99', 'north.pier', '<99>', 'north.pier'],
    ['is not told', null, null, null, null],
  ])('who %s', async (_, id, name, coveredId, coveredName) => {
    const row = await covered('authors', 'comments', { author_id: id, author_name: name })
    expect(row).toMatchObject({ author_id: coveredId, author_name: coveredName })
  })

  it('is covered in the own text, a profile of the list is not', async () => {
    const row = {
      author_id: '99',
      author_name: 'Ada B',
      content: 'yours, Ada B (99) to North Pier',
      profile_name: 'North Pier',
    }
    expect(await covered('authors', 'comments', row)).toMatchObject({
      content: 'yours, <Ada B> (<99>) to North Pier',
      profile_name: 'North Pier',
    })
    expect(await covered('all', 'comments', row)).toMatchObject({
      content: 'yours, <Ada B> (<99>) to <North Pier>',
      profile_name: '<North Pier>',
    })
  })
})

it('a short name is a word like any other', async () => {
  const row = { author_id: '9', author_name: 'It', content: 'it is 9 now' }
  expect(await covered('authors', 'comments', row)).toMatchObject({ content: 'it is <9> now' })
})

it('what a row says of the profile in JSON stays with authors, and goes with all', async () => {
  const row = { profile_name: 'North Pier', extra: '{"channelTitle":"North Pier","ownerId":"UCmine"}' }
  expect(await covered('authors', 'posts', row)).toMatchObject({ extra: row.extra })
  expect(await covered('all', 'posts', row)).toMatchObject({
    extra: '{"channelTitle":"<North Pier>","ownerId":"<UCmine>"}',
  })
})

it.each<[ExportKind, Row, Row]>([
  [
    'profiles',
    {
      id: '17841',
      username: 'north.pier',
      website: 'https://pier.example',
      avatar_url: 'https://x/y',
      country: 'DE',
    },
    { id: '<17841>', username: '<north.pier>', website: null, avatar_url: null, country: 'DE' },
  ],
  [
    'metrics',
    { subject: 'profile', subject_id: '17841', value: 3 },
    { subject: 'profile', subject_id: '<17841>', value: 3 },
  ],
  ['metrics', { subject: 'post', subject_id: '5', value: 3 }, { subject: 'post', subject_id: '5', value: 3 }],
  [
    'tasks',
    { external_id: 'north.pier 2026-03-01..2026-03-08', last_error: 'no north.pier' },
    { external_id: '<north.pier> 2026-03-01..2026-03-08', last_error: null },
  ],
  [
    'likes',
    { id: '5:17841', post_id: '5', author_id: '17841' },
    { id: '5:<17841>', post_id: '5', author_id: '<17841>' },
  ],
])('with all, of %s: %j', async (kind, row, expected) => {
  expect(await covered('all', kind, row)).toMatchObject(expected)
})

it.each<[ExportKind, Row]>([
  [
    'profiles',
    { id: '17841', username: 'north.pier', website: 'https://pier.example', avatar_url: 'https://x/y' },
  ],
  ['metrics', { subject: 'profile', subject_id: '17841' }],
  ['likes', { id: '5:17841', post_id: '5', author_id: '17841' }],
])('with authors, of %s nothing: %j', async (kind, row) => {
  expect(await covered('authors', kind, row)).toMatchObject(row)
})

it('a column of words that does not say whom it may name goes nowhere', () => {
  const rows = (async function* () {})()
  const columns = [{ name: 'new_one', type: 'text' as const }]
  expect(() => coverRows('posts', columns, rows, coverOf('authors'))).toThrow('posts.new_one')
})
