import type { JsonObject } from '../../../../core/json.ts'
import { playlistItemId } from '../world/ids.ts'
import type { Entry, Playlist } from '../world/playlists.ts'
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
      snippet: () => ({
        publishedAt: rfc3339(video.uploadedAt),
        channelId: channel.id,
        ...titled(world, video),
        channelTitle: channel.title,
        playlistId,
        position,
        resourceId: { kind: 'youtube#video', videoId },
        videoOwnerChannelTitle: channel.title,
        videoOwnerChannelId: channel.id,
      }),
      contentDetails: () => ({ videoId, videoPublishedAt: rfc3339(video.publishedAt) }),
      status: () => ({ privacyStatus: 'public' }),
    },
    wanted,
  )
}

/** An entry of a playlist that somebody made. `snippet.publishedAt` = put into it; the channel is the playlist's (docs/networks/youtube.md §5). */
export const makeEntry = (
  world: World,
  playlist: Playlist,
  position: number,
  { id, video, standing, addedAt }: Entry,
  wanted: ReadonlySet<string>,
): JsonObject => {
  const { id: playlistId, channel } = playlist
  const videoId = video.id
  return makeResource(
    'playlistItem',
    playlistItemId(playlistId, id),
    {
      snippet: () => ({
        publishedAt: rfc3339(addedAt),
        channelId: channel.id,
        ...(standing === 'there' ? titled(world, video) : HIDDEN[standing]),
        channelTitle: channel.title,
        playlistId,
        position,
        resourceId: { kind: 'youtube#video', videoId },
        ...(standing === 'there' && {
          videoOwnerChannelTitle: video.channel.title,
          videoOwnerChannelId: video.channel.id,
        }),
      }),
      contentDetails: () => ({
        videoId,
        ...(standing === 'there' && { videoPublishedAt: rfc3339(video.publishedAt) }),
      }),
      status: () => ({ privacyStatus: PRIVACY[standing] }),
    },
    wanted,
  )
}

const titled = (world: World, video: Video): JsonObject => {
  const { title, description, thumbnails } = factsOf(world, video)
  return { title, description, thumbnails: makeThumbnails(thumbnails) }
}

const HIDDEN = {
  private: { title: 'Private video', description: 'This video is private.', thumbnails: {} },
  deleted: { title: 'Deleted video', description: 'This video is unavailable.', thumbnails: {} },
} as const

const PRIVACY = { there: 'public', private: 'private', deleted: 'privacyStatusUnspecified' } as const
