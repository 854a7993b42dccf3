import type { Json } from '../../../core/json.ts'
import type { SandboxRequest, Switches } from '../../sandbox.ts'

/**
 * What can be switched on, and the values it takes: faults of single answers (each use counts), then lasting
 * traits and the open questions of docs/networks/tiktok.md §10. Off means: as the sheet says it mostly is.
 */
const SWITCHES = {
  'error-500': 'an internal error; text = its message',
  'good-500': 'the right answer with HTTP 500; `bare` = without error.message',
  'gateway-504': 'an HTML page with 504; number = after so many real milliseconds',
  'rate-limited': '429 rate_limit_exceeded; number = seconds of Retry-After',
  'token-dead': '401 access_token_invalid for a good token',
  'not-authorized': '401 scope_not_authorized',
  'invalid-cursor': '400 Invalid count or cursor',
  'invalid-search-id': '400 Search Id … is invalid or expired',
  'cut-json': 'the body ends half way',
  'missing-data': 'an answer without data',
  'empty-page': 'a list page without items, has_more true',
  'stuck-cursor': 'a list page whose cursor is the one it was asked with, has_more true',
  'duplicate-item':
    'a list page of a search or of comments begins with the last item of the page before; number = with so many',
  sick: 'a part that never answers rightly: {how: 500, 400, cut, empty or invalid-cursor, of: texts in the body, from, to: days of a search, later: true}',

  'search-id-warm-up': 'seconds for which a new search id is refused',
  'search-id-lifetime': 'seconds after which it is refused (a day)',
  'max-cursor': 'largest cursor of a search',
  'last-cursor': '`missing` or `unchanged`: the cursor of the last page',
  'in-limit': 'most values of an IN list',
  'index-delay': 'seconds from a post to the search (two days in a moving world, else 0)',
  'stats-delay': 'seconds by which counters of the search are late (ten days in a moving world, else 0)',
  unlisted: 'list of creators of whom the search brings nothing; true = of all',
  'nul-names': 'true: names in a search end in NUL and a digit',
  'random-missing': 'share of videos that the search never shows; true = 1/8',
  strangers: 'share of the other creators that a username search brings too',
  canada: 'true: Canadian creators are in the search',
  'favorites-spelling': '`favourites_count`: the older name of the field',
  'refused-fields': 'list of fields that need a further permission: 400 scope_permission_missed',

  'comment-cap': 'most comments that a list gives; true = 1,000',
  'inline-replies': '`none` or `some`: the replies within the list of a video (all)',
  'by-comment': '`refused`: 400 for replies by their comment',
  'reply-shape': '`docs`: replies with display_name and without video_id',
  'comments-of-gone': '`error`: 400 for the comments of a video that is gone (an empty list)',
  'refusal-status': 'HTTP status of private, refused and not shared',
  'refusal-code': 'error.code of the same',
  'liked-cursor': '`s`: seconds (milliseconds)',
  'playlist-status': 'HTTP status of a good playlist answer (500)',

  'main-allowance': 'calls per day (1,000)',
  'follow-allowance': 'calls per day to followers and following (20,000)',
  'per-second': 'calls per second before 429 (no limit)',
  'charge-400': 'false: refused requests are free',
  'charge-401': 'true: calls with a dead token are charged',
  'charge-compliance': 'false: batch compliance is free',
  'display-per-minute': 'calls per minute and Display endpoint (600)',

  'oauth-error-status': 'HTTP status of every OAuth error',
  'oauth-error': 'an OAuth error; text = its word (temporarily_unavailable)',
  'one-client-token': 'true: a new client token ends the older ones',
  'short-tokens': 'true: 2 h and 180 days (24 h and 365 days)',
  'refresh-rotation': 'false: a refresh keeps the refresh token',

  'compliance-seconds': 'seconds until a compliance task is complete (3)',
  'compliance-fails': 'the task fails',
} as const

export type SwitchName = keyof typeof SWITCHES

/** The switches by their names here, with the type that each use wants; a value of another type counts as on without a value. */
export class Knobs {
  readonly #switches: Switches

  constructor(switches: Switches) {
    this.#switches = switches
  }

  /** Counts one use. */
  take(name: SwitchName, request: SandboxRequest): Json | undefined {
    const value = this.#switches.take(name, request)
    return value === false ? undefined : value
  }

  trait(name: SwitchName): Json | undefined {
    return this.#switches.peek(name)
  }

  number(name: SwitchName): number | null {
    const value = this.trait(name)
    return typeof value === 'number' ? value : null
  }

  is(name: SwitchName, value: Json): boolean {
    return this.trait(name) === value
  }

  /** A number where `true` stands for a usual one; null = off. */
  amount(name: SwitchName, usual: number): number | null {
    return this.is(name, true) ? usual : this.number(name)
  }
}
