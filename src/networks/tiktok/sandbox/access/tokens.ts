import { letters } from '../../../seeded.ts'

/** Scopes of the Display API; a client token has none. */
export const USER_SCOPES = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list'] as const
export type UserScope = (typeof USER_SCOPES)[number]

/** What a token lets its bearer do. */
export interface Grant {
  readonly kind: 'client' | 'access' | 'refresh'
  /** Index of the creator who agreed; null for a client token. */
  readonly creator: number | null
  readonly scopes: readonly UserScope[]
  /** Epoch seconds. */
  readonly expires: number
}

/** An authorization that waits to be exchanged. */
export interface Code {
  readonly creator: number
  readonly scopes: readonly UserScope[]
  readonly redirectUri: string
  /** Hex SHA-256 of the verifier, or null. */
  readonly challenge: string | null
  readonly expires: number
}

const PREFIX = { client: 'clt.', access: 'act.', refresh: 'rft.' } as const
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Every token and code that is alive. */
export class Tokens {
  readonly #seed: number
  readonly #grants = new Map<string, Grant>()
  readonly #codes = new Map<string, Code>()
  #issued = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  issue(grant: Grant): string {
    const token = PREFIX[grant.kind] + this.#noise()
    this.admit(token, grant)
    return token
  }

  admit(token: string, grant: Grant): void {
    this.#grants.set(token, grant)
  }

  /** What a token stands for, or null where it is unknown, revoked or expired. */
  find(token: string, now: number): Grant | null {
    const grant = this.#grants.get(token)
    if (grant === undefined || now < grant.expires) return grant ?? null
    this.#grants.delete(token)
    return null
  }

  revoke(token: string): void {
    this.#grants.delete(token)
  }

  revokeClientTokens(): void {
    for (const [token, grant] of this.#grants) if (grant.kind === 'client') this.#grants.delete(token)
  }

  issueCode(code: Code): string {
    const text = `code.${this.#noise()}`
    this.#codes.set(text, code)
    return text
  }

  /** A code is good once. */
  redeem(text: string, now: number): Code | null {
    const code = this.#codes.get(text)
    this.#codes.delete(text)
    return code !== undefined && now < code.expires ? code : null
  }

  #noise(): string {
    return letters(ALPHABET, 44, this.#seed, 'token', this.#issued++)
  }
}
