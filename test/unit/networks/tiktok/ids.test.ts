import { describe, expect, test } from 'vitest'
import { tiktok } from '../../../../src/networks/tiktok/index.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { OPEN_ID, openTiktok } from './harness.ts'

const SEC_UID = 'MS4wLjABAAAAv7iSuuXDJGDvJkmH_vz1qkDZYo1apxgzaxdBSeIuPiM'

describe('ids', () => {
  test.each([
    ['ada.bakes', 'ada.bakes'],
    ['@Ada.Bakes', 'ada.bakes'],
    ['https://www.tiktok.com/@Ada_Bakes', 'ada_bakes'],
    ['https://m.tiktok.com/@ada.bakes/?lang=en', 'ada.bakes'],
    ['tiktok.com/@ada.bakes', 'ada.bakes'],
    ['https://www.tiktok.com/%40ada', 'ada'],
    ['https://www.tiktok.com/@ada/live', 'ada'],
    ['me', 'me'],
    ['日本の朝', '日本の朝'],
    [OPEN_ID, OPEN_ID],
    ['723f24d7-e717-40f8-a2b6-cb8464cd23b4', '723f24d7-e717-40f8-a2b6-cb8464cd23b4'],
  ])('%s is %s', (text, key) => {
    expect(tiktok.parseId(text)).toBe(key)
    expect(tiktok.parseId(key)).toBe(key)
  })

  test.each([
    '',
    '@',
    'ada bakes',
    'ada/bakes',
    '../etc',
    'ada?x=1',
    'ada\0bakes',
    `${'a'.repeat(25)}!`,
    'x'.repeat(10_000),
    SEC_UID,
    'https://www.tiktok.com/video/7391112223334445557',
    'https://www.tiktok.com/@/video/7391112223334445557',
    'https://www.tiktok.com/@ada/video/7391112223334445557',
    'https://vm.tiktok.com/ZM123/',
    'https://example.org/@ada',
    'https://tiktok.com.example.org/@ada',
    'ftp://tiktok.com/@ada',
    'https://www.tiktok.com/%ff',
  ])('%j is none', text => {
    expect(tiktok.parseId(text)).toBeNull()
  })
})

describe('what people have at hand', () => {
  test.each([
    [SEC_UID, 'secUid'],
    ['https://vm.tiktok.com/ZM123/', 'short link'],
    ['vt.tiktok.com/ZM123', 'short link'],
    ['https://www.tiktok.com/t/ZM123/', 'short link'],
    ['https://www.tiktok.com/music/rye-7391112223334445557', 'without an @name'],
    ['https://www.tiktok.com/@ada/video/', 'of a video without its whole id'],
    ['https://www.tiktok.com/@ada/photo/73911122', 'of a video without its whole id'],
  ])('%s is refused with what to give instead', (text, why) => {
    expect(tiktok.parseId(text)).toBeNull()
    expect(tiktok.explainId?.(text)).toContain(why)
  })

  test('nothing is said of what is no id for no particular reason, and an id of a video is noticed', () => {
    expect(tiktok.explainId?.('ada bakes')).toBeNull()
    expect(tiktok.looksLike?.('7391112223334445557')).toBe('a video id')
    expect(tiktok.looksLike?.('ada2024')).toBeNull()
  })
})

describe('videos', () => {
  const id = '7391112223334445557'
  const post = tiktok.others.post

  test.each([
    id,
    `https://www.tiktok.com/@ada/video/${id}`,
    `https://www.tiktok.com/@ada/photo/${id}?lang=en`,
    `https://www.tiktok.com/%40ada/video/${id}/`,
    `m.tiktok.com/v/${id}.html`,
    `https://www.tiktok.com/@/video/${id}`,
    `https://www.tiktok.com/embed/v2/${id}`,
    `https://www.tiktok.com/embed/${id}`,
    `https://www.tiktok.com/player/v1/${id}`,
    `https://www.tiktok.com/share/video/${id}`,
  ])('%s is one', text => {
    expect(post?.parse(text)).toBe(id)
    if (text !== id) expect(tiktok.parseId(text)).toBeNull()
  })

  test.each([
    ['', null],
    ['ada.bakes', null],
    ['@ada.bakes', null],
    ['739111222333444555', '19 digits'],
    ['73911122233344455570', '19 digits'],
    ['1391112223334445557', '19 digits'],
    ['9999999999999999999', '19 digits'],
    ['https://www.tiktok.com/@ada', '/video/'],
    ['https://www.tiktok.com/@ada/video/73911', '19 digits'],
    [`https://www.tiktok.com/music/rye-${id}`, '/video/'],
    ['https://vm.tiktok.com/ZM123/', 'short link'],
    [`https://example.org/@ada/video/${id}`, null],
  ])('%j is none', (text, why) => {
    expect(post?.parse(text)).toBeNull()
    const said = post?.explain?.(text) ?? null
    if (why === null) expect(said).toBeNull()
    else expect(said).toContain(why)
  })
})

describe('a hashtag', () => {
  test.each([
    ['Bread', 'bread'],
    ['#bread', 'bread'],
    ['パン', 'パン'],
    ['night_train', 'night_train'],
    ['https://www.tiktok.com/tag/Bread', 'bread'],
    ['tiktok.com/tag/%E3%83%91%E3%83%B3?lang=en', 'パン'],
  ])('%j is %j', (text, id) => expect(tiktok.others.tag?.parse(text)).toBe(id))

  test.each(['', '#', 'two words', '@ada', 'https://www.tiktok.com/@ada', 'https://example.org/tag/bread'])(
    '%j is none',
    text => expect(tiktok.others.tag?.parse(text)).toBeNull(),
  )
})

describe('what a job starts with', () => {
  test('a research client serves usernames, a token one open_id', async () => {
    await using research = openTiktok('http://127.0.0.1:9')
    await using own = openTiktok('http://127.0.0.1:9', {
      kind: 'user token',
      values: { access_token: 'act.x', open_id: OPEN_ID },
    })
    expect(research.source.opening(OPEN_ID, EVERYTHING)).toBeNull()
    expect(own.source.opening('ada', EVERYTHING)).toBeNull()
    expect(own.source.opening(`${OPEN_ID}6`, EVERYTHING)).toBeNull()
    expect(research.source.opening('ada', EVERYTHING)).toEqual({
      tasks: [{ stream: 'user', externalId: 'ada' }],
      skipped: [{ kind: 'likes', reason: 'unsupported-by-network' }],
      exclusive: false,
    })
    expect(research.source.opening('ada', { ...EVERYTHING, lists: ['liked'] })?.skipped).toEqual([])
    expect(own.source.opening(OPEN_ID, EVERYTHING)).toEqual({
      tasks: [{ stream: 'own-profile', externalId: OPEN_ID }],
      skipped: [
        { kind: 'comments', reason: 'unsupported-by-network' },
        { kind: 'likes', reason: 'unsupported-by-network' },
      ],
      exclusive: true,
    })
  })

  test('the pools are those of docs/networks/tiktok.md §4, by the lab and not by its secret', async () => {
    await using research = openTiktok('http://127.0.0.1:9')
    const day = { kind: 'day', zone: 'UTC', marginMs: 300_000 }
    expect(research.source.limits).toMatchObject({
      order: 'breadth-first',
      pools: [
        { name: 'main', allowance: 1000, window: day },
        { name: 'follow', allowance: 20_000, window: day },
      ],
    })
    expect(research.source.owner).toBe('key-of-nobody')
  })
})
