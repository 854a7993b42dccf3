import type { JsonObject } from '../../../../core/json.ts'
import { chance } from '../../../seeded.ts'
import type { Channel } from '../world/channels.ts'
import { uploadsId } from '../world/ids.ts'
import { listUploads } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { makeResource, rfc3339 } from './resource.ts'

export const makeChannelResource = (
  world: World,
  channel: Channel,
  wanted: ReadonlySet<string>,
): JsonObject => {
  const { id, key, title, description, plan } = channel
  const country = channel.country === null ? {} : { country: channel.country }
  const language = channel.language === null ? {} : { defaultLanguage: channel.language }
  return makeResource(
    'channel',
    id,
    {
      snippet: () => ({
        title,
        description,
        customUrl: plan.bareCustomUrl ? channel.handle : `@${channel.handle}`,
        publishedAt: rfc3339(channel.createdAt),
        thumbnails: channelThumbnails(key),
        ...language,
        localized: { title, description },
        ...country,
      }),
      contentDetails: () => ({
        relatedPlaylists: { ...(chance(0.8, key, 'likes') && { likes: '' }), uploads: uploadsId(id) },
      }),
      statistics: () => ({
        viewCount: String(channel.viewCount),
        ...countSubscribers(channel),
        hiddenSubscriberCount: channel.subscriberCount === null,
        videoCount: String(listUploads(world, channel).length),
      }),
      topicDetails: () =>
        chance(0.8, key, 'topics')
          ? { topicIds: ['/m/07c1v'], topicCategories: ['https://en.wikipedia.org/wiki/Technology'] }
          : undefined,
      status: () => ({
        privacyStatus: 'public',
        isLinked: true,
        longUploadsStatus: 'longUploadsUnspecified',
        ...(chance(0.7, key, 'for kids') && { madeForKids: false }),
      }),
      brandingSettings: () => ({
        channel: { title, description, keywords: 'harbour "two words"', ...country, ...language },
        image: { bannerExternalUrl: `https://yt3.googleusercontent.com/banner-${key}` },
      }),
      localizations: () =>
        channel.language === null ? undefined : { [channel.language]: { title, description } },
    },
    wanted,
  )
}

const countSubscribers = ({ plan, subscriberCount }: Channel): JsonObject => {
  if (subscriberCount !== null) return { subscriberCount: String(subscriberCount) }
  return plan.subscribers === 'zero' ? { subscriberCount: '0' } : {}
}

export const channelThumbnails = (key: number): JsonObject => {
  const picture = (size: number, width: number): JsonObject => ({
    url: `https://yt3.ggpht.com/${key}=s${size}-c-k-c0x00ffffff-no-rj`,
    width,
    height: width,
  })
  return { default: picture(88, 88), medium: picture(240, 240), high: picture(800, 800) }
}
