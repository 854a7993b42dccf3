import { describe, expect, test } from 'vitest'
import type { SocialRecord } from '../../../../../src/core/records.ts'
import {
  channelId,
  madePlaylistId,
  readMadePlaylistId,
} from '../../../../../src/networks/youtube/sandbox/world/ids.ts'
import { YOUTUBE_PLAYLISTS, YOUTUBE_SPECIALS } from '../../../../../src/networks/youtube/sandbox.ts'
import { type Item, open, walk } from './open.ts'

const { mixed, shared, empty, private: hidden, gone } = YOUTUBE_PLAYLISTS
const { prolific, thai } = YOUTUBE_SPECIALS.channels
const WHOLE = { part: 'snippet,contentDetails,status', maxResults: 50 }

const itemsOf = (opened: ReturnType<typeof open>, playlistId: string): readonly Item[] =>
  walk(opened, 'playlistItems', { ...WHOLE, playlistId }).flatMap(({ body }) => body.items ?? [])

test('ids have the real form and are turned back into what they stand for', () => {
  for (let n = 0; n < 500; n++) {
    const place = [(n * 7_919) % 0xffffff, n % 7] as const
    const id = madePlaylistId(...place)
    expect(id).toMatch(/^PL[\w-]{32}$/)
    expect(readMadePlaylistId(id)).toEqual(place)
  }
  for (const junk of ['', 'PL', 'PLrainOnThePier0123456789abcdefghij', channelId(3)])
    expect(readMadePlaylistId(junk)).toBeNull()
})

describe('playlists that somebody made', () => {
  test('are told by id and by channel, but for those that are private or gone', () => {
    const { ask } = open()
    const byId = ask('playlists', { ...WHOLE, id: Object.values(YOUTUBE_PLAYLISTS).join(',') })
    const byChannel = ask('playlists', { ...WHOLE, channelId: prolific })
    for (const { body } of [byId, byChannel]) {
      expect(body.items?.map(({ id }) => id)).toEqual([mixed, shared, empty])
      expect(body.items?.map(({ contentDetails }) => contentDetails.itemCount)).toEqual([120, 53, 0])
    }
    expect(ask('playlists', { ...WHOLE, channelId: thai }).body.items).toEqual([])
  })

  test('list their items in order, 50 a page, with what nobody can see', () => {
    const opened = open()
    const items = itemsOf(opened, mixed)
    expect(items.map(({ snippet }) => snippet.position)).toEqual([...items.keys()])
    expect(items).toHaveLength(120)
    const away = items.filter(({ status }) => status.privacyStatus !== 'public')
    expect(new Set(away.map(({ snippet }) => snippet.title))).toEqual(
      new Set(['Deleted video', 'Private video']),
    )
    for (const { snippet, contentDetails } of away) {
      expect(snippet.thumbnails).toEqual({})
      expect(snippet).not.toHaveProperty('videoOwnerChannelId')
      expect(Object.keys(contentDetails)).toEqual(['videoId'])
    }
    const ids = away.map(({ contentDetails }) => contentDetails.videoId)
    expect(opened.ask('videos', { part: 'id', id: ids.join(',') }).body.items).toEqual([])
    expect(new Set(items.map(({ snippet }) => snippet.videoOwnerChannelId)).size).toBe(6)
    expect(new Set(items.map(({ snippet }) => snippet.channelId))).toEqual(new Set([prolific]))
    expect(new Set(items.map(({ contentDetails }) => contentDetails.videoId)).size).toBe(119)
  })

  test('have entries that are found by their own ids and by their videos', () => {
    const opened = open()
    const [first, second] = itemsOf(opened, mixed)
    expect(Buffer.from(first?.id ?? '', 'base64url').toString()).toMatch(/^PL[\w-]{32}\.[0-9A-F]{16}$/)
    const byId = opened.ask('playlistItems', { ...WHOLE, id: `${first?.id},${second?.id}` })
    expect(byId.body.items).toEqual([first, second])
    const videoId = second?.contentDetails.videoId
    const byVideo = opened.ask('playlistItems', { ...WHOLE, playlistId: mixed, videoId })
    expect(byVideo.body.items).toEqual([second])
  })

  test('are refused where they are private or gone, and bring nothing where they are empty', () => {
    const { ask } = open()
    const items = (playlistId: string) => ask('playlistItems', { ...WHOLE, playlistId })
    expect(items(hidden).refusal).toEqual([403, 'playlistItemsNotAccessible'])
    expect(items(gone).refusal).toEqual([404, 'playlistNotFound'])
    expect(items(madePlaylistId(3, 9)).refusal).toEqual([404, 'playlistNotFound'])
    expect(items(empty)).toMatchObject({ status: 200, body: { items: [] } })
  })

  test('are made by chance too, by some channels, and tell their truth', () => {
    const { sandbox, ask, truth } = open()
    const found = [...sandbox.entities()]
      .slice(0, 20)
      .flatMap(id => ask('playlists', { ...WHOLE, channelId: id }).body.items ?? [])
    expect(found.length).toBeGreaterThan(10)
    const foreign = found.slice(0, 5).flatMap(({ id, contentDetails, snippet }) => {
      const rows = truth(`playlist:${id}`)
      const of = (type: SocialRecord['type']) => rows.filter(row => row.type === type)
      expect(of('collection')).toMatchObject([
        { profileId: snippet.channelId, itemsCount: contentDetails.itemCount },
      ])
      expect(of('item').length).toBeLessThanOrEqual(contentDetails.itemCount)
      expect(of('post').length).toBeLessThanOrEqual(of('item').length)
      expect(of('media')).toHaveLength(of('post').length)
      return of('profile')
    })
    expect(foreign.length).toBeGreaterThan(5)
  })

  test('lack what is withheld and what the switch takes out of them', () => {
    const [first, second] = itemsOf(open(), shared).map(({ contentDetails }) => contentDetails.videoId)
    const opened = open({
      rules: [
        { name: 'taken-out', value: [first] },
        { name: 'withheld', value: [second] },
      ],
    })
    const left = itemsOf(opened, shared)
    expect(left).toHaveLength(51)
    expect(left[0]?.snippet.position).toBe(0)
    expect(
      opened.ask('videos', { part: 'id', id: `${first},${second}` }).body.items?.map(({ id }) => id),
    ).toEqual([first])
    expect(opened.ask('playlists', { ...WHOLE, id: shared }).body.items?.[0]?.contentDetails.itemCount).toBe(
      51,
    )
  })

  test('private and gone ones have no truth', () => {
    const { truth } = open()
    for (const id of [hidden, gone]) expect(truth(`playlist:${id}`)).toEqual([])
  })
})
