import type { Ability } from '../contract.ts'

/** docs/networks/youtube.md §5–§7, §10. `permission` = what comments need beside the credential. */
export const abilitiesOf = (credential: string, permission: string | null): readonly Ability[] => [
  {
    what: 'profile',
    credential,
    gives: 'whole',
    price: '1 unit for 50 channels, and 1 for each @handle the first time',
    cap: null,
    delay: null,
    note: 'subscribers rounded down to three digits',
  },
  {
    what: 'posts',
    credential,
    gives: 'whole',
    price: '2 units for 50 videos; later 1 a channel, and 1 for 50 videos of any',
    cap: 'the newest 20,000 or so of a channel',
    delay: null,
    note: 'Shorts are told by their length and the form of their player',
  },
  {
    what: 'older posts',
    credential,
    gives: 'part',
    price: '1 of 100 searches a day for 50 videos, and 1 unit for those that are not stored',
    cap: 'what the search finds',
    delay: null,
    note: 'with `--lists older`, where a channel has more than its newest 20,000',
  },
  {
    what: 'comments',
    credential,
    gives: 'whole',
    price: '1 unit for 100 threads, with up to 5 replies each; 1 for 100 further replies of a thread',
    cap: 'about 500 replies of a thread',
    delay: null,
    note: permission,
  },
  {
    what: 'likes',
    credential,
    gives: 'counts only',
    price: null,
    cap: null,
    delay: null,
    note: 'who liked is never told',
  },
  {
    what: 'posts by id',
    credential,
    gives: 'whole',
    price: '1 unit for 50 videos, and 1 for 50 of their channels',
    cap: null,
    delay: null,
    note: 'of any channel; deleted and private ones are not told apart',
  },
  {
    what: 'playlists',
    credential,
    gives: 'whole',
    price:
      '1 unit for 50 playlists, named or of a channel; for 50 items 1, and 1 each for their videos and the channels of these',
    cap: '5,000 items of one',
    delay: null,
    note: 'mixes are not given, nor what somebody liked, keeps for later or has watched',
  },
]
