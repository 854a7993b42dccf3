import { idOfEntity, kindOfEntity } from '../../core/entity.ts'
import type { Params } from '../../core/params.ts'
import type { Opening } from '../../core/stream.ts'
import type { CredentialKind, Network } from '../contract.ts'
import { openEvidence } from '../evidence.ts'
import { abilitiesOf } from './abilities.ts'
import { showLife } from './alive.ts'
import { openApi, originOf } from './api.ts'
import { credentialCheck } from './credential-check.ts'
import { describe } from './describe.ts'
import { GIVES, TERMS } from './gives.ts'
import {
  explainId,
  explainPlaylist,
  HOSTS,
  looksLike,
  PROFILE_ADDRESS,
  parseId,
  parsePlaylist,
  parseVideo,
} from './ids.ts'
import { openOwn } from './own.ts'
import { youtubePricing } from './price.ts'
import { limitsOf, ownerOf, POLICY, PROJECT_FIELDS } from './quota.ts'
import { openChannelLookUp, openChannels } from './streams/channels.ts'
import { openComments } from './streams/comments.ts'
import { openDetails } from './streams/details.ts'
import { openNamed } from './streams/named.ts'
import { openOlder } from './streams/older.ts'
import { openOwners } from './streams/owners.ts'
import { openPlaylistItems, openShownItems } from './streams/playlist-items.ts'
import { openPlaylists } from './streams/playlists.ts'
import { openReplies } from './streams/replies.ts'
import { openShownPlaylists } from './streams/shown-playlists.ts'
import { openThreads } from './streams/threads.ts'
import { openTold } from './streams/told.ts'
import { openUploads } from './streams/uploads.ts'
import { openVideoLookUp, openVideos } from './streams/videos.ts'
import { openGate } from './tokens.ts'

/** Unless Google allows a project more (docs/networks/youtube.md §8). */
const QUOTA = '10,000 units a day for each project'

const API_KEY: CredentialKind = {
  name: 'API key',
  quota: QUOTA,
  fields: [
    { key: 'api_key', variable: 'SOCSYNC_YOUTUBE_API_KEY', required: true, secret: true },
    ...PROJECT_FIELDS,
  ],
}

const OAUTH_CLIENT: CredentialKind = {
  name: 'OAuth client',
  quota: QUOTA,
  fields: [
    { key: 'client_id', variable: 'SOCSYNC_YOUTUBE_CLIENT_ID', required: true, secret: false },
    { key: 'client_secret', variable: 'SOCSYNC_YOUTUBE_CLIENT_SECRET', required: true, secret: true },
    { key: 'refresh_token', variable: 'SOCSYNC_YOUTUBE_REFRESH_TOKEN', required: true, secret: true },
    ...PROJECT_FIELDS,
  ],
}

const openingFor = (
  stream: 'channels' | 'named' | 'playlist',
  externalId: string,
  { kinds }: Params,
): Opening => ({
  tasks: [{ stream, externalId }],
  skipped: kinds.includes('likes') ? [{ kind: 'likes', reason: 'unsupported-by-network' }] : [],
  exclusive: false,
})

/** YouTube Data API v3: public channels, their videos and comments (networks/youtube.md). */
export const youtube: Network = {
  name: 'youtube',
  title: 'YouTube',
  hosts: HOSTS,
  parseId,
  explainId,
  looksLike,
  profileAddress: PROFILE_ADDRESS,
  others: {
    post: {
      parse: parseVideo,
      forms: 'a video id, or the address of a video (watch?v=…, /shorts/…, /live/…, youtu.be/…)',
    },
    playlist: {
      parse: parsePlaylist,
      explain: explainPlaylist,
      forms: "a playlist's id (PL…), or its address (/playlist?list=…)",
    },
  },
  idForms:
    'a channel id (UC…), an @handle, or the address of a channel (/channel/UC…, /@handle, /user/name); with an OAuth client also me',
  credentials: [API_KEY, OAUTH_CLIENT],
  baseUrlVariable: 'SOCSYNC_YOUTUBE_BASE_URL',
  lists: {
    playlists: 'the playlists that it shows, with what they hold',
    older: 'the videos beyond the newest 20,000 or so, found by search',
  },
  gives: GIVES,
  terms: TERMS,
  abilities: [
    ...abilitiesOf(API_KEY.name, null),
    ...abilitiesOf(OAUTH_CLIENT.name, 'needs the permission youtube.force-ssl'),
  ],

  open(options) {
    const api = openApi(options.http, originOf(options), openGate(options))
    const evidence = openEvidence(options.memory, () => options.clock.now())
    const learning = { account: options.credential.name, evidence }
    const told = { videos: openTold(), channels: openTold() }
    const videos = openVideoLookUp(api, learning, told.videos)
    const own = openOwn(api, options)
    const channels = openChannelLookUp(api, learning, told.channels)
    const owners = openOwners(channels, told.channels)
    const items = { api, lookUp: videos, owners, told: told.videos }
    return {
      network: 'youtube',
      credential: options.credential.name,
      owner: ownerOf(options.credential),
      limits: limitsOf(options.credential),
      incremental: POLICY,
      pricing: youtubePricing,
      streams: [
        openChannels(api, channels),
        openNamed(videos, owners),
        openPlaylists(api),
        openPlaylistItems(items),
        openShownPlaylists(api),
        openShownItems(items),
        openUploads(api, videos),
        openOlder(api, videos),
        openDetails(videos),
        openVideos(videos),
        openThreads(api),
        openReplies(api),
        openComments(api),
      ],
      opening: (entityId, params) => {
        const kind = kindOfEntity(entityId)
        if (kind !== 'profile')
          return openingFor(kind === 'post' ? 'named' : 'playlist', idOfEntity(entityId), params)
        const externalId = own.idOf(entityId)
        return externalId === null ? null : openingFor('channels', externalId, params)
      },
      alive: ctx => showLife(api, ctx),
      ...(own.introduce && { introduce: own.introduce }),
    }
  },

  describe,
  tokens: credentialCheck,

  async loadSandbox() {
    const { openYoutubeSandbox } = await import('./sandbox.ts')
    return openYoutubeSandbox
  },
}
