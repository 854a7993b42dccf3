import type { Json } from '../../../core/json.ts'
import type { Switches } from '../../sandbox.ts'

/**
 * The lasting switches (docs/networks/instagram.md §17) with what holds while they are off. Each is read at every
 * use, so that a test can turn it while a walk is under way.
 */
const OPTIONS = {
  /** Calls an hour in the app's pool. */
  'app-allowance': 200 * 5_000,
  /** Calls a day for one account; 0 = 4800 × its impressions. */
  'account-allowance': 0,
  /** Items on a page of comments or replies unless `limit` says otherwise. */
  'comment-page': 25,
  /** Largest `limit` of posts; above it, error 1 asks for less. */
  'media-limit': 100,
  /** Objects in one answer, nested ones included; above it, error 1 asks for less. */
  'heaviest-answer': 10_000,
  /** Posts that a listing goes back. */
  depth: 10_000,
  /** A cursor whose item is gone: `empty` page, `error` 100, or `ignored` (the walk goes on). */
  'vanished-cursor': 'empty',
  /** Comments hidden by the owner are listed. */
  'hidden-comments': true,
  /** HTTP status of a full account pool. */
  'limit-status': 400,
  /** Usage headers are sent. */
  'usage-headers': true,
  /** Fields that discovery refuses besides those it always does, separated by commas. */
  'discovery-refuses': '',
  /** `since` and `until` work on discovery. */
  'discovery-dates': true,
  /** One bad id spoils a whole multi-get. */
  'multi-get-spoils': true,
  /** The app insists on `appsecret_proof`. */
  'proof-required': false,
  /** Comments nested in a list of posts; off: passed over in silence. */
  'nested-comments': true,
  /** Insights nested in a list: `answered`, `refused` as a field that is not there, or `absent`: passed over in silence. */
  'nested-insights': 'answered',
  /** Demographics have numbers, as they have from a hundred followers on. */
  demographics: true,
  /** Days for which an account has insights. */
  'insights-days': 90,
  /** One list may be asked for several times under other names in one call. */
  aliases: true,
  /** The owner of a media goes by the id that is scoped to the app, on the Instagram host. */
  'scoped-owner': false,
  /** Hashtags that an account may name in seven days. */
  hashtags: 30,
  /** Batch and multi-get on the Instagram host. */
  'instagram-batch': false,
} as const satisfies Record<string, Json>

type Wide<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : never

/** The value of a lasting switch; one of the wrong type counts as off. */
export type Option = <K extends keyof typeof OPTIONS>(name: K) => Wide<(typeof OPTIONS)[K]>

/** Reads the lasting switches of one sandbox. */
export const readOptions =
  (switches: Switches): Option =>
  name => {
    const usual = OPTIONS[name]
    const set = switches.peek(name)
    return (typeof set === typeof usual ? set : usual) as Wide<typeof usual>
  }
