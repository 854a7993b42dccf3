import type { Ability, Network } from '../contract.ts'
import { CREDENTIALS, OWN, openOwn, openResearch, RESEARCH } from './access.ts'
import { credentialCheck } from './credential-check.ts'
import { describe } from './describe.ts'
import { GIVES, TERMS } from './gives.ts'
import { explainId, explainVideo, HOSTS, looksLike, PROFILE_ADDRESS, parseId, parseVideo } from './ids.ts'

const ABILITIES: readonly Ability[] = [
  { kind: 'profile', credential: RESEARCH, gives: 'whole', note: 'any public account of an adult, live' },
  {
    kind: 'posts',
    credential: RESEARCH,
    gives: 'part',
    note: 'searched by date: new videos up to 48 h late, counters up to 10 days old, some videos missing',
  },
  {
    kind: 'comments',
    credential: RESEARCH,
    gives: 'part',
    note: 'without their authors, contact data masked, possibly not beyond 1,000 a video',
  },
  {
    kind: 'likes',
    credential: RESEARCH,
    gives: 'counts only',
    note: '--lists liked adds the videos that a profile liked, where it shows them',
  },
  {
    kind: 'profile',
    credential: OWN,
    gives: 'whole',
    note: 'the owner of the token, by name, open_id, or me',
  },
  { kind: 'posts', credential: OWN, gives: 'whole', note: 'the public videos of the owner' },
  { kind: 'comments', credential: OWN, gives: 'nothing', note: 'the Display API has none' },
  { kind: 'likes', credential: OWN, gives: 'counts only', note: 'nobody is told who liked a video' },
]

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
  },
  idForms: 'name, @name, https://www.tiktok.com/@name, or for an own account its name, its open_id, or me',
  profileAddress: PROFILE_ADDRESS,
  credentials: CREDENTIALS,
  baseUrlVariable: 'SOCSYNC_TIKTOK_BASE_URL',
  abilities: ABILITIES,
  gives: GIVES,
  terms: TERMS,
  open: options => (options.credential.kind === OWN ? openOwn(options) : openResearch(options)),
  describe,
  tokens: credentialCheck,
  loadSandbox: async () => (await import('./sandbox.ts')).openTiktokSandbox,
}
