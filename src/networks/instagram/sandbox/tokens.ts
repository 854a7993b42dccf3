import { createHmac } from 'node:crypto'
import * as errors from './errors.ts'
import { DAY, HOUR } from './world/time.ts'

/** The invented app, business and Pages of the world. */
export const APP = { id: '645600000000077', secret: '0123456789abcdef0123456789abcdef' } as const
export const BUSINESS_ID = '645600000000001'
/** The third Page has no Instagram account behind it. */
export const PAGES = [
  { id: '108000000000001', name: 'North Pier', account: 0 },
  { id: '108000000000002', name: 'North Pier Roasters', account: 1 },
  { id: '108000000000003', name: 'North Pier Book Club', account: null },
] as const

/**
 * The tokens there are, by what each is good for:
 *
 *   system           a system user's, never ends, everything is allowed: the sandbox's credentials
 *   user             a person's long-lived one, ends in 30 days
 *   withoutComments  as `user`, without the permission to read comments
 *   withoutInsights  as `user`, without insights, and so without business discovery
 *   withoutBasic     as `user`, of an app that was granted nothing of Instagram
 *   dataAccessEnded  as `user`, alive, but its person has not used the app for too long
 *   expired          as `user`, ended an hour ago: 190/463
 *   revoked          as `user`, called back: 190/467
 *   page             a Page's: its one account, no discovery
 *   instagram        the Instagram host's, for the first own account, ends in 50 days
 *   nearExpiry       the same, ends in two days and can be refreshed
 *   fresh            the same, too young to be refreshed
 *   app              the app itself: `debug_token` and nothing else
 */
export const TOKENS = {
  system: 'EAAJsandboxSystemUser',
  user: 'EAAJsandboxUser',
  withoutComments: 'EAAJsandboxWithoutComments',
  withoutInsights: 'EAAJsandboxWithoutInsights',
  withoutBasic: 'EAAJsandboxWithoutBasic',
  dataAccessEnded: 'EAAJsandboxDataAccessEnded',
  expired: 'EAAJsandboxExpired',
  revoked: 'EAAJsandboxRevoked',
  page: 'EAAJsandboxPage',
  instagram: 'IGAAJsandboxInstagram',
  nearExpiry: 'IGAAJsandboxNearExpiry',
  fresh: 'IGAAJsandboxFresh',
  app: `${APP.id}|${APP.secret}`,
} as const

export type Host = 'facebook' | 'instagram'
export type Capability = 'basic' | 'comments' | 'insights' | 'discovery'

/** What a permission is called on each host (docs/networks/instagram.md §1). */
const SCOPES: Readonly<Record<Host, Readonly<Record<Exclude<Capability, 'discovery'>, readonly string[]>>>> =
  {
    facebook: {
      basic: ['instagram_basic', 'pages_show_list', 'pages_read_engagement'],
      comments: ['instagram_manage_comments'],
      insights: ['instagram_manage_insights'],
    },
    instagram: {
      basic: ['instagram_business_basic'],
      comments: ['instagram_business_manage_comments'],
      insights: ['instagram_business_manage_insights'],
    },
  }

interface Kind {
  readonly type: 'SYSTEM_USER' | 'USER' | 'PAGE' | 'INSTAGRAM' | 'APP'
  readonly lacks?: readonly Capability[]
  /** Milliseconds before and after the sandbox was opened; missing = no end. */
  readonly issued: number
  readonly ends?: number
  readonly revoked?: true
}

const KINDS: Readonly<Record<keyof typeof TOKENS, Kind>> = {
  system: { type: 'SYSTEM_USER', issued: 100 * DAY },
  user: { type: 'USER', issued: 30 * DAY, ends: 30 * DAY },
  withoutComments: { type: 'USER', issued: 30 * DAY, ends: 30 * DAY, lacks: ['comments'] },
  withoutInsights: { type: 'USER', issued: 30 * DAY, ends: 30 * DAY, lacks: ['insights', 'discovery'] },
  withoutBasic: {
    type: 'USER',
    issued: 30 * DAY,
    ends: 30 * DAY,
    lacks: ['basic', 'comments', 'insights', 'discovery'],
  },
  dataAccessEnded: { type: 'USER', issued: 100 * DAY, ends: 30 * DAY },
  expired: { type: 'USER', issued: 60 * DAY + HOUR, ends: -HOUR },
  revoked: { type: 'USER', issued: 10 * DAY, ends: 50 * DAY, revoked: true },
  page: { type: 'PAGE', issued: 30 * DAY, lacks: ['discovery'] },
  instagram: { type: 'INSTAGRAM', issued: 10 * DAY, ends: 50 * DAY, lacks: ['discovery'] },
  nearExpiry: { type: 'INSTAGRAM', issued: 58 * DAY, ends: 2 * DAY, lacks: ['discovery'] },
  fresh: { type: 'INSTAGRAM', issued: HOUR, ends: 60 * DAY - HOUR, lacks: ['discovery'] },
  app: { type: 'APP', issued: 100 * DAY, lacks: ['basic', 'comments', 'insights', 'discovery'] },
}

/** How long a renewed token lives, in milliseconds. */
export const RENEWED = 60 * DAY
/** How old a token must be before it can be refreshed. */
export const YOUNGEST = DAY

/** What a token allows, and until when; epoch milliseconds, `expiresAt` null = no end. */
export interface Grant {
  readonly text: string
  readonly name: keyof typeof TOKENS
  readonly type: Kind['type']
  readonly host: Host
  readonly issuedAt: number
  readonly expiresAt: number | null
  readonly revoked: boolean
  readonly lacks: readonly Capability[]
  /** The subject's id: person, system user, Page or account. */
  readonly subject: string
  /** Own accounts that it manages, by index. */
  readonly accounts: readonly number[]
}

const isName = (name: string): name is keyof typeof TOKENS => Object.hasOwn(TOKENS, name)
const NAMES = Object.keys(TOKENS).filter(isName)
const PERSON = '122100000000000555'

/** Reads tokens, the known ones and those renewed from them: what a renewed one is stands in its text. */
export class Tokens {
  readonly #opened: number

  constructor(opened: number) {
    this.#opened = opened
  }

  /** The token, dead or alive; null where it is none of ours. */
  read(text: string): Grant | null {
    const [root, stamp] = text.split('ZD')
    const name = NAMES.find(known => TOKENS[known] === root)
    if (name === undefined) return null
    const kind = KINDS[name]
    const issuedAt = stamp === undefined ? this.#opened - kind.issued : Number.parseInt(stamp, 36) * 1000
    if (Number.isNaN(issuedAt)) return null
    const first = kind.ends === undefined ? null : this.#opened + kind.ends
    return {
      text,
      name,
      type: kind.type,
      host: kind.type === 'INSTAGRAM' ? 'instagram' : 'facebook',
      issuedAt,
      expiresAt: stamp === undefined ? first : issuedAt + RENEWED,
      revoked: kind.revoked ?? false,
      lacks: kind.lacks ?? [],
      subject: kind.type === 'PAGE' ? PAGES[0].id : PERSON,
      accounts: kind.type === 'USER' || kind.type === 'SYSTEM_USER' ? [0, 1] : kind.type === 'APP' ? [] : [0],
    }
  }

  /** A token that lives and belongs on this host, or error 190. */
  check(text: string, host: Host, now: number): Grant {
    const grant = this.read(text)
    if (grant === null || grant.host !== host) throw errors.unreadableToken()
    if (grant.revoked) throw errors.deadToken(467, now)
    if (grant.expiresAt !== null && grant.expiresAt <= now) throw errors.deadToken(463, grant.expiresAt)
    return grant
  }

  /** The text of a longer life for a token. */
  renew(grant: Grant, now: number): string {
    return `${TOKENS[grant.name]}ZD${Math.floor(now / 1000).toString(36)}`
  }
}

/** What the token may do, in the host's words. */
export const scopesOf = (grant: Grant): readonly string[] =>
  (['basic', 'comments', 'insights'] as const)
    .filter(capability => !grant.lacks.includes(capability))
    .flatMap(capability => SCOPES[grant.host][capability])

/** Lower-case hex HMAC-SHA256 of the token under the app's secret. */
export const proofOf = (token: string): string => createHmac('sha256', APP.secret).update(token).digest('hex')
