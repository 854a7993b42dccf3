import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import { BadInput } from '../../core/errors.ts'
import { findPassword } from './passfile.ts'

/** Where a server is, and as whom it is spoken to. */
export interface Address {
  /** The URL without password and settings: what messages call the database. */
  readonly name: string
  readonly config: ClientConfig
}

/** Whether a place is a URL of PostgreSQL, and not a path. */
export const isPostgresUrl = (where: string): boolean => /^postgres(ql)?:\/\//i.test(where)

/** A URL as it may be shown: user, host and database stay; password and settings are gone. */
export const redactUrl = (where: string): string => {
  const [, scheme, rest = ''] = /^(postgres(?:ql)?:\/\/)([^?#]*)/i.exec(where) ?? []
  if (scheme === undefined) return where
  // A password may hold an `@` that was not escaped: all up to the last one belongs to the user.
  const at = rest.lastIndexOf('@')
  if (at === -1) return `${scheme}${rest}`
  const user = rest.slice(0, at).replace(/:.*$/s, '')
  return `${scheme}${user}@${rest.slice(at + 1)}`
}

/** The password of a URL, as it stands there and as it is meant; none where it has none. */
export const passwordsIn = (where: string): readonly string[] => {
  const [, user = ''] = /^postgres(?:ql)?:\/\/([^?#]*)@/i.exec(where) ?? []
  const colon = user.indexOf(':')
  const password = colon === -1 ? '' : user.slice(colon + 1)
  if (password === '') return []
  try {
    return [...new Set([password, decodeURIComponent(password)])]
  } catch {
    return [password]
  }
}

/**
 * Reads a URL. What it leaves out comes from PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGPASSFILE and PGSSLMODE, as
 * with every client of PostgreSQL. TLS is verified by default but on loopback and sockets: another host without it must be
 * asked for with `sslmode=disable`. Throws BadInput.
 */
export const readAddress = (where: string): Address => {
  const name = redactUrl(where)
  const url = URL.parse(where.replace(/^([^/]*\/\/[^/?#]*@)(?=[/?#]|$)/, `$1${UNNAMED}`))
  if (url === null) {
    throw new BadInput(`${name} is no URL of a database`, {
      hint: 'postgres://user@host:5432/database; special characters of user and password are %-encoded',
    })
  }
  const settings = url.searchParams
  for (const key of settings.keys()) {
    if (!SETTINGS.includes(key))
      throw new BadInput(`${name} has an unknown setting: ${key}`, {
        hint: `known are ${SETTINGS.join(', ')}`,
      })
  }
  const part = (text: string): string | undefined => (text === '' ? undefined : decode(name, text))
  const host =
    part(url.hostname.replace(UNNAMED, '')) ?? settings.get('host') ?? process.env.PGHOST ?? 'localhost'
  const user = part(url.username) ?? settings.get('user') ?? process.env.PGUSER ?? userInfo().username
  const port = Number(url.port || settings.get('port') || process.env.PGPORT || 5432)
  const database = part(url.pathname.slice(1)) ?? process.env.PGDATABASE ?? user
  const passfile = settings.get('passfile') ?? process.env.PGPASSFILE ?? null
  const password =
    part(url.password) ??
    process.env.PGPASSWORD ??
    // Its type does not know that there may be none.
    ((() => findPassword(passfile, { host, port, database, user })) as () => string)
  const options = settings.get('options')
  return {
    name,
    config: {
      ...{ host, port, database, user, password },
      ssl: tlsFor(name, host, settings),
      application_name: settings.get('application_name') ?? 'socsync',
      ...(options === null ? {} : { options }),
    },
  }
}

/** Stands where a user has no host behind him, which a URL in general may not have. */
const UNNAMED = 'unnamed.invalid'

const SETTINGS: readonly string[] = [
  ...['host', 'port', 'user', 'sslmode', 'sslrootcert', 'passfile', 'application_name', 'options'],
]

const decode = (name: string, text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadInput(`${name} has a % that encodes nothing`, { hint: 'write %25 for a % of its own' })
  }
}

const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '[::1]' || host === '::1' || /^127\./.test(host)

/** False = without TLS. */
const tlsFor = (name: string, host: string, settings: URLSearchParams): false | ConnectionOptions => {
  const mode = settings.get('sslmode') ?? process.env.PGSSLMODE ?? (isLocal(host) ? 'disable' : 'verify-full')
  const roots = settings.get('sslrootcert') ?? process.env.PGSSLROOTCERT ?? null
  switch (mode) {
    case 'disable':
      return false
    case 'require':
      // A root that is named is meant to be looked at, as libpq has it.
      return roots === null ? { rejectUnauthorized: false } : withoutHost(name, roots)
    case 'verify-ca':
      return withoutHost(name, roots)
    case 'verify-full':
      return { rejectUnauthorized: true, ...rootsOf(name, roots) }
    default:
      throw new BadInput(`${name} has sslmode=${mode}`, {
        hint: 'verify-full, verify-ca, require (encrypted, whoever answers) or disable',
      })
  }
}

const withoutHost = (name: string, roots: string | null): ConnectionOptions => ({
  rejectUnauthorized: true,
  checkServerIdentity: () => undefined,
  ...rootsOf(name, roots),
})

const rootsOf = (name: string, roots: string | null): ConnectionOptions => {
  if (roots === null || roots === 'system') return {}
  if (!existsSync(roots)) throw new BadInput(`${name} names ${roots}, which does not exist`)
  return { ca: readFileSync(roots, 'utf8') }
}
