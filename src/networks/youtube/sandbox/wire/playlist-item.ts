import type { JsonObject } from '../../../../core/json.ts'
import { playlistItemId } from '../world/ids.ts'
import { factsOf } from '../world/video-facts.ts'
import type { Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { makeResource, rfc3339 } from './resource.ts'
import { makeThumbnails } from './video.ts'

/** An upload in a playlist that the site made. `snippet.publishedAt` = uploaded, `videoPublishedAt` = published (docs/networks/youtube.md §5). */
export const makePlaylistItem = (
  world: World,
  playlistId: string,
  position: number,
  video: Video,
  wanted: ReadonlySet<string>,
): JsonObject => {
  const { channel, id: videoId } = video
  return makeResource(
    'playlistItem',
    playlistItemId(playlistId, videoId),
    {
      snippet: () => {
        const { title, description, thumbnails } = factsOf(world, video)
        return {
          publishedAt: rfc3339(video.uploadedAt),
          channelId: channel.id,
          title,
          description,
          thumbnails: makeThumbnails(thumbnails),
          channelTitle: channel.title,
          playlistId,
          position,
          resourceId: { kind: 'youtube#video', videoId },
          videoOwnerChannelTitle: channel.title,
          videoOwnerChannelId: channel.id,
        }
      },
      contentDetails: () => ({ videoId, videoPublishedAt: rfc3339(video.publishedAt) }),
      status: () => ({ privacyStatus: 'public' }),
    },
    wanted,
  )
}
