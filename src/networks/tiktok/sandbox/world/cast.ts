/**
 * The creators that a test can name. They are the first of every world, whatever its seed and size; all others
 * are ordinary. What each of them shows is its sentence here.
 */
export interface Part {
  /** How the account is treated; `open` where nothing is said. */
  readonly standing?: Standing
  readonly region?: string
  /** Its videos come, wrongly, in username searches for this other creator. */
  readonly mistakenFor?: string
  /** Videos that it has, or will ever have. */
  readonly videos?: number
  readonly firstVideo?: string
  /** Hours from video to video. */
  readonly pace?: number
  /** Indexes of videos that were deleted together. */
  readonly swept?: readonly [from: number, to: number]
  /** Index of the one video with this many comments. */
  readonly talkedOf?: { readonly video: number; readonly comments: number }
  readonly sharesLikes?: boolean
  readonly sharesReposts?: boolean
  readonly sharesFollowing?: boolean
  readonly pins?: number
  readonly playlist?: boolean
  readonly nul?: boolean
  readonly famous?: boolean
}

/** `gone`: no longer in user/info, still in the search. The rest: docs/networks/tiktok.md §6. */
export type Standing = 'open' | 'gone' | 'private' | 'refused'

/** By username. */
export const CAST = {
  /** Its oldest video has the id 7391112223334445557. */
  'ada.bakes': { region: 'IE', videos: 90, firstVideo: '2024-07-13T13:30:46Z', pins: 0 },
  /** A stranger: brought by searches for `ada.bakes`. */
  'ada.bakes.fan': { mistakenFor: 'ada.bakes' },
  /** Video 5 has 1,300 comments, more than the cap of older revisions (switch `comment-cap`). */
  'busy.kitchen': { talkedOf: { video: 5, comments: 1300 } },
  /** 240 videos of one month; 21 to 160 are deleted: a short page, an empty page, a short page. */
  'swept.shelf': { videos: 240, firstVideo: '2026-09-03T06:00:00Z', pace: 2, swept: [21, 160] },
  /** No videos. */
  'quiet.page': { videos: 0 },
  /** Lets its liked videos, reposts and following be read. */
  'open.heart': { sharesLikes: true, sharesReposts: true, sharesFollowing: true },
  /** Does not. */
  'closed.heart': { sharesLikes: false, sharesReposts: false, sharesFollowing: false },
  /** Three pinned videos, and reposts. */
  'pinned.board': { pins: 3, sharesReposts: true },
  /** Found by the search, unknown to user/info. */
  'gone.author': { standing: 'gone' },
  /** Was `once.called.that` ({@link FORMER_NAME}), a name that nothing knows any more. */
  'now.called.this': {},
  'behind.curtain': { standing: 'private' },
  'under.review': { standing: 'refused' },
  /** Canada: in user/info, and not in the search (switch `canada`). */
  'maple.loop': { region: 'CA' },
  /** NUL characters in its display name and captions. */
  'nul.and.void': { nul: true },
  /** Counters beyond 32 bits, and more followers than the list gives. */
  'wide.open': { famous: true, sharesFollowing: true },
  /** Its videos are in a playlist, and carry its id. */
  'shelf.keeper': { playlist: true },
} as const satisfies Record<string, Part>

/** A name from before a rename: in people's lists, and nowhere on the network. */
export const FORMER_NAME = 'once.called.that'
