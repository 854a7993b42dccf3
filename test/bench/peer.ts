/**
 * `node test/bench/peer.ts <out.csv> <channel>`: the comments of a channel by Google's own client, one call after another, to a CSV file of
 * ten columns: what a script of an afternoon does. Told where to ask by `SOCSYNC_YOUTUBE_BASE_URL`.
 */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { youtube } from '@googleapis/youtube'
import { stringify } from 'csv-stringify'

const [path = '', channel = ''] = process.argv.slice(2)
const client = youtube({
  version: 'v3',
  auth: 'bench-key',
  rootUrl: `${process.env.SOCSYNC_YOUTUBE_BASE_URL}/`,
})
const csv = stringify()
const file = csv.pipe(createWriteStream(path))

const videosOf = async (playlistId: string): Promise<readonly string[]> => {
  const ids: string[] = []
  let pageToken: string | undefined
  do {
    const answer = await client.playlistItems.list({
      part: ['contentDetails'],
      playlistId,
      maxResults: 50,
      ...(pageToken !== undefined && { pageToken }),
    })
    for (const { contentDetails } of answer.data.items ?? []) ids.push(contentDetails?.videoId ?? '')
    pageToken = answer.data.nextPageToken ?? undefined
  } while (pageToken !== undefined)
  return ids
}

for (const videoId of await videosOf(`UU${channel.slice(2)}`)) {
  let pageToken: string | undefined
  do {
    const answer = await client.commentThreads.list({
      part: ['snippet', 'replies'],
      videoId,
      maxResults: 100,
      ...(pageToken !== undefined && { pageToken }),
    })
    for (const { id, snippet } of answer.data.items ?? []) {
      const own = snippet?.topLevelComment?.snippet
      const who = [own?.authorChannelId?.value, own?.authorDisplayName, own?.authorProfileImageUrl]
      const what = [
        own?.textOriginal,
        own?.likeCount,
        snippet?.totalReplyCount,
        own?.publishedAt,
        own?.updatedAt,
      ]
      csv.write([id, videoId, ...who, ...what])
    }
    pageToken = answer.data.nextPageToken ?? undefined
  } while (pageToken !== undefined)
}
csv.end()
await once(file, 'finish')
