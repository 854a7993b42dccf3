import type { Network } from '../contract.ts'
import { ABILITIES } from './abilities.ts'
import { CREDENTIALS, OWN, openOwn, openResearch } from './access.ts'
import { credentialCheck } from './credential-check.ts'
import { describe } from './describe.ts'
import { GIVES, TERMS } from './gives.ts'
import {
  explainId,
  explainVideo,
  HOSTS,
  looksLike,
  PROFILE_ADDRESS,
  parseId,
  parsePlaylist,
  parseTag,
  parseVideo,
} from './ids.ts'
import { readQuery } from './query.ts'

/** As files are called whose name it has. */
const SEARCH_NAME = /^[a-z0-9][a-z0-9_-]*$/

/** TikTok: any public profile through the Research API, a consenting owner's account through the Display API (docs/networks/tiktok.md §0). */
export const tiktok: Network = {
  name: 'tiktok',
  title: 'TikTok',
  hosts: HOSTS,
  parseId,
  explainId,
  looksLike,
  others: {
    post: {
      parse: parseVideo,
      explain: explainVideo,
      forms: 'a video id of 19 digits, or the address of a video (https://www.tiktok.com/@name/video/…)',
    },
    playlist: {
      parse: parsePlaylist,
      forms: 'a playlist id of 19 digits, or its address (https://www.tiktok.com/@name/playlist/…)',
    },
    tag: {
      parse: parseTag,
      forms: 'a hashtag with # or without, or its address (https://www.tiktok.com/tag/…)',
    },
    search: {
      parse: text => (SEARCH_NAME.test(text) ? text : null),
      forms: 'a name in lower-case letters, digits, "-" and "_"',
      checkQuery: query => {
        const read = readQuery(query)
        return 'problem' in read ? read.problem : null
      },
    },
  },
  idForms: 'name, @name, https://www.tiktok.com/@name, or for an own account its name, its open_id, or me',
  profileAddress: PROFILE_ADDRESS,
  credentials: CREDENTIALS,
  baseUrlVariable: 'SOCSYNC_TIKTOK_BASE_URL',
  abilities: ABILITIES,
  lists: {
    liked: 'the videos that it liked, with the scope likes or all',
    pinned: 'its pinned videos',
    reposted: 'its reposted videos',
    followers: 'who follows it, by name',
    following: 'whom it follows, by name',
  },
  gives: GIVES,
  terms: TERMS,
  open: options => (options.credential.kind === OWN ? openOwn(options) : openResearch(options)),
  describe,
  tokens: credentialCheck,
  loadSandbox: async () => (await import('./sandbox.ts')).openTiktokSandbox,
}
