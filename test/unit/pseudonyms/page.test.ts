import { describe, expect, it } from 'vitest'
import type { SocialRecord } from '../../../src/core/records.ts'
import { page } from '../../../src/core/stream.ts'
import { coverPage } from '../../../src/pseudonyms/page.ts'

const rules = { cover: (network: string, word: string) => `<${network} ${word}>`, addresses: [] }
const task = { entityId: '@Ada', profileId: 'UC1' }

const covered = (...records: readonly SocialRecord[]): readonly SocialRecord[] =>
  coverPage(page({ records }), 'youtube', [task], rules).records

describe('a page', () => {
  it('names the author of no comment, in its text too, but for the profile that it is of', () => {
    const comment = { type: 'comment', id: 'c1', postId: 'v1', parentId: null } as const
    expect(
      covered(
        { ...comment, authorId: 'UC2', authorName: '@Bob', content: 'I, Bob, thank @ada and @cleo' },
        { ...comment, authorId: 'UC1', authorName: '@ada', content: 'you are welcome @bob' },
      ),
    ).toEqual([
      {
        ...comment,
        authorId: '<youtube UC2>',
        authorName: '<youtube @Bob>',
        content: 'I, <youtube Bob>, thank @ada and @<youtube cleo>',
      },
      { ...comment, authorId: 'UC1', authorName: '@ada', content: 'you are welcome @<youtube bob>' },
    ])
  })

  it('leaves what was not told, and what a profile says of itself', () => {
    const profile = { type: 'profile', id: 'UC9', username: '@dora', url: 'https://x.example/@dora' } as const
    expect(covered({ ...profile, bio: '@dora with @bob', name: null })).toEqual([
      { ...profile, bio: '@dora with @<youtube bob>', name: null },
    ])
  })

  it('covers whom a post mentions, its other words and what has no column', () => {
    const post = { type: 'post', id: 'v1', profileId: 'UC1' } as const
    expect(
      covered({
        ...post,
        mentions: ['bob', 'Ada'],
        tags: ['bread', '@bob'],
        altText: 'bread by @bob',
        extra: { owner: { username: 'bob' }, n: 1 },
      }),
    ).toEqual([
      {
        ...post,
        mentions: ['<youtube bob>', 'Ada'],
        tags: ['bread', '@<youtube bob>'],
        altText: 'bread by @<youtube bob>',
        extra: { owner: { username: '<youtube bob>' }, n: 1 },
      },
    ])
  })

  it('covers what could not be read', () => {
    const reject = { path: 'items[0]', reason: 'no id', value: { author: { id: 'UC2' } }, item: true }
    expect(coverPage(page({ rejects: [reject] }), 'youtube', [task], rules).rejects).toEqual([
      { ...reject, value: { author: { id: '<youtube UC2>' } } },
    ])
  })
})
