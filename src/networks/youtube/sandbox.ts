import { entityKey } from '../../core/entity.ts'
import type { NetworkSandbox, OpenSandbox } from '../sandbox.ts'
import { YOUTUBE_ACCESS } from './sandbox/access.ts'
import { answerCall, BASE_PATH } from './sandbox/answer.ts'
import { Ledger } from './sandbox/ledger.ts'
import { answerToken } from './sandbox/oauth.ts'
import { tellTruth } from './sandbox/truth.ts'
import { listChannelNumbers } from './sandbox/world/channels.ts'
import { channelId } from './sandbox/world/ids.ts'
import { YOUTUBE_PLAYLISTS } from './sandbox/world/special-playlists.ts'
import { openWorld } from './sandbox/world/world.ts'

export { YOUTUBE_ACCESS } from './sandbox/access.ts'
export { YOUTUBE_PLAYLISTS } from './sandbox/world/special-playlists.ts'
export { YOUTUBE_SPECIALS } from './sandbox/world/specials.ts'

/**
 * The YouTube Data API v3 and Google's token endpoint, from a world that a seed decides. Wire, quota and refusals:
 * networks/youtube.md. What is odd in the world and where: {@link YOUTUBE_SPECIALS}.
 */
export const openYoutubeSandbox: OpenSandbox = (options): NetworkSandbox => {
  const { now, switches } = options
  const world = openWorld(options)
  const ledger = new Ledger(now, switches)
  return {
    network: 'youtube',
    owns: ({ path }) => path === '/token' || path.startsWith(BASE_PATH),
    answer: request =>
      request.path === '/token'
        ? answerToken(request, now(), switches)
        : answerCall(request, { world: world(), now: now(), switches, ledger }),
    credentials: { SOCSYNC_YOUTUBE_API_KEY: YOUTUBE_ACCESS.apiKey },
    entities: () => listChannelNumbers(world()).map(channelId),
    collections: () => Object.values(YOUTUBE_PLAYLISTS).map(id => entityKey('playlist', id)),
    truth: entityId => tellTruth(world(), entityId),
    quota: () => ledger.used(),
  }
}
