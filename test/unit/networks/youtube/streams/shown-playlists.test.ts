import { describe, expect, it } from 'vitest'
import type { Playlist, PlaylistItem } from '../../../../../src/networks/youtube/wire.ts'
import { faultOf, listOf, open, refusal, serve, step } from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const OTHER = 'UCquietPierChannel0002-Q'

const playlist = (id: string, itemCount?: number): Playlist => ({
  id,
  snippet: { title: id, channelId: PIER },
  ...(itemCount !== undefined && { contentDetails: { itemCount } }),
})

describe('the playlists that a channel shows', () => {
  it('are asked for by the channel, 50 a call, and opened to their items unless they declare none', async () => {
    await using server = await serve(({ query }) =>
      query.pageToken === undefined
        ? listOf('playlist', [playlist('PLa', 7), playlist('PLb', 0)], { nextPageToken: 'CDIQAA' })
        : listOf('playlist', [playlist('PLc')]),
    )
    const source = open(server.baseUrl)
    const first = await step(source, 'playlists', [PIER])
    expect(first.page.records).toMatchObject([
      { id: 'playlist:PLa', kind: 'playlist', profileId: PIER, itemsCount: 7 },
      { id: 'playlist:PLb', itemsCount: 0 },
    ])
    expect(first.page.children).toEqual([
      { stream: 'shown-items', externalId: 'playlist:PLa', profileId: PIER, declared: 7, next: 'start' },
      {
        stream: 'shown-items',
        externalId: 'playlist:PLb',
        profileId: PIER,
        declared: 0,
        next: null,
        reason: 'none',
      },
    ])
    const last = await step(source, 'playlists', [PIER], { cursor: first.page.next ?? '' })
    expect(last.page.children).toMatchObject([{ externalId: 'playlist:PLc', declared: null, next: 'start' }])
    expect(last.page.next).toBeNull()
    // Pages that bring no profile are no sign of a loop.
    expect(last.page.window).not.toBe(first.page.window)
    expect(server.calls.map(({ query }) => [query.channelId, query.maxResults, query.pageToken])).toEqual([
      [PIER, '50', undefined],
      [PIER, '50', 'CDIQAA'],
    ])
    const alone = await step(source, 'playlists', [PIER], { params: { kinds: ['profile'] } })
    expect(alone.page.children).toEqual([])
  })

  it('are none where the channel is not found here, and nowhere else', async () => {
    await using server = await serve(() => refusal(404, 'channelNotFound', 'youtube.playlist'))
    const source = open(server.baseUrl)
    expect((await step(source, 'playlists', [PIER])).page).toMatchObject({ records: [], next: null })
    const cursor = { pageToken: 'CDIQAA', seen: 50, below: false }
    const { fault } = await faultOf(step(source, 'playlists', [PIER], { cursor, patient: false }))
    expect(fault.kind).toBe('transient')
  })
})

describe('what one of them holds', () => {
  const entry = (videoId: string, videoOwnerChannelId: string): PlaylistItem => ({
    snippet: { videoOwnerChannelId, position: 0 },
    contentDetails: { videoId, videoPublishedAt: '2026-02-01T10:00:00Z' },
    status: { privacyStatus: 'public' },
  })

  it('is asked for but for the own videos, which the uploads bring, or a task of their own', async () => {
    await using server = await serve(({ path, query }) => {
      if (path.endsWith('/playlistItems'))
        return listOf('playlistItem', [entry('own', PIER), entry('foreign', OTHER)])
      const ids = (query.id ?? '').split(',')
      return path.endsWith('/videos')
        ? listOf(
            'video',
            ids.map(id => ({ id, snippet: { channelId: OTHER, title: id } })),
          )
        : listOf('channel', [])
    })
    const source = open(server.baseUrl)
    const { page } = await step(source, 'shown-items', ['playlist:PLa'], { profileId: PIER })
    expect(
      server.calls.map(({ path, query }) => [path.split('/').at(-1), query.playlistId ?? query.id]),
    ).toEqual([
      ['playlistItems', 'PLa'],
      ['videos', 'foreign'],
      ['channels', OTHER],
    ])
    expect(page.records.filter(({ type }) => type === 'item')).toMatchObject([
      { collectionId: 'playlist:PLa', postId: 'own' },
      { collectionId: 'playlist:PLa', postId: 'foreign' },
    ])
    expect(page.records.filter(({ type }) => type === 'post')).toMatchObject([
      { id: 'foreign', profileId: OTHER },
    ])
    expect(page.children.filter(({ stream }) => stream === 'details')).toEqual([
      { stream: 'details', externalId: 'own@playlist:PLa', next: { ids: ['own'] } },
    ])
  })

  it('that is left to such a task is found by its name too', async () => {
    await using server = await serve(() => listOf('video', [{ id: 'own', snippet: { channelId: PIER } }]))
    const { page } = await step(open(server.baseUrl), 'details', ['own@playlist:PLa'])
    expect(server.calls.map(({ query }) => query.id)).toEqual(['own'])
    expect(page.records).toMatchObject([{ id: 'own' }, { postId: 'own' }])
  })
})
