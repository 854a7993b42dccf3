import { describe, expect, it } from 'vitest'
import type { Video } from '../../../../../src/networks/youtube/wire.ts'
import { type Call, follow, listOf, open, refusal, remember, serve, step } from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'

const video = (more: Partial<Video>): Video => ({
  id: 'vidShort00A',
  snippet: { channelId: PIER, title: 'Rain', liveBroadcastContent: 'none' },
  contentDetails: { duration: 'PT45S' },
  player: { embedHtml: '<iframe>', embedHeight: '720', embedWidth: '405' },
  ...more,
})

const readOne = async (more: Partial<Video>) => {
  await using server = await serve(({ path }) =>
    path.endsWith('/videos') ? listOf('video', [video(more)]) : listOf('channel', []),
  )
  const { page } = await step(open(server.baseUrl), 'named', ['vidShort00A'])
  return page.records.find(({ type }) => type === 'post')
}

const sized = (embedWidth: string | number, embedHeight: string | number) => ({
  player: { embedWidth, embedHeight },
})
const lasting = (duration: string) => ({ contentDetails: { duration } })

describe('a video', () => {
  it.each<readonly [string, Partial<Video>, string]>([
    ['upright and short', {}, 'short'],
    ['square', sized('720', '720'), 'short'],
    ['with sizes as numbers', sized(405, 720), 'short'],
    ['of three minutes', lasting('PT3M'), 'short'],
    ['of a second more', lasting('PT3M1S'), 'video'],
    ['of a day', lasting('P1D'), 'video'],
    ['that lies flat', sized('1280', '720'), 'video'],
    ['without sizes', { player: { embedHtml: '<iframe>' } }, 'video'],
    ['with one size', { player: { embedHeight: '720' } }, 'video'],
    ['with sizes that are none', sized('0', '0'), 'video'],
    ['of no told length', lasting('P0D'), 'video'],
    ['that is live', { snippet: { channelId: PIER, liveBroadcastContent: 'live' } }, 'live'],
    ['that was broadcast', { liveStreamingDetails: { actualEndTime: '2026-02-28T18:00:00Z' } }, 'video'],
  ])('%s', async (_, more, kind) => {
    expect(await readOne(more)).toMatchObject({ kind })
  })

  it('shows by what it was told', async () => {
    expect(await readOne({})).toMatchObject({ extra: { embedWidth: '405', embedHeight: '720' } })
    expect(await readOne({})).not.toHaveProperty('extra.embedHtml')
  })
})

it.each(['unknownPart', 'invalidParameter', 'unexpectedParameter'])(
  'a player that is refused as %s is left out at once, and for a month where three videos were refused',
  async reason => {
    const answer = ({ path, query }: Call) => {
      if (path.endsWith('/channels')) return listOf('channel', [])
      return query.part?.includes('player')
        ? refusal(400, reason, 'youtube.part')
        : listOf('video', [{ id: query.id, snippet: { channelId: PIER, title: 'Rain' } }])
    }
    await using server = await serve(answer)
    const source = open(server.baseUrl, { memory: remember() })
    const ask = async (id: string) => {
      const { records } = await follow(source, [`post:${id}`], { kinds: ['posts'] })
      const made = server.calls.splice(0).filter(({ path }) => path.endsWith('/videos'))
      expect(records.find(({ type }) => type === 'post')).toMatchObject({ kind: 'video' })
      return made.map(({ query }) => query.maxHeight)
    }
    for (const id of ['vidShort01A', 'vidShort02A', 'vidShort03A'])
      expect(await ask(id)).toEqual(['720', undefined])
    expect(await ask('vidShort04A')).toEqual([undefined])
  },
)
