import type { Call, Reply } from '../call.ts'
import { invalid } from '../wire/reply.ts'
import { Body } from '../wire/request.ts'
import { findPlaylist } from '../world/world.ts'
import { listPage } from './list-page.ts'

/** `/v2/research/playlist/info/`: HTTP 500, and good data all the same (docs/networks/tiktok.md §3.6). */
export const answerPlaylist = (call: Call): Reply => {
  const body = Body.ofJson(call.request)
  const id = body.id('playlist_id')
  if (id === undefined) throw invalid('playlist_id is required')
  const playlist = findPlaylist(call.world, id, call.moment.at)
  if (playlist === null) throw invalid(`\`playlist_id: ${id}\` is invalid: cannot find the playlist`)
  const asked = body.cursor()
  const cursor = Math.min(asked + body.maxCount(20, 100), playlist.videos.length)
  const items = playlist.videos.slice(asked, cursor).map(video => video.id)
  return {
    kind: 'data',
    status: call.knobs.number('playlist-status') ?? 500,
    data: {
      ...listPage(call, 'playlist_video_ids', {
        items,
        asked,
        cursor,
        more: cursor < playlist.videos.length,
      }),
      playlist_id: playlist.id,
      playlist_name: playlist.name,
      playlist_item_total: BigInt(playlist.videos.length),
      playlist_last_updated: playlist.updated,
    },
  }
}
