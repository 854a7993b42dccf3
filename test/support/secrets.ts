import { APP, proofOf, TOKENS } from '../../src/networks/instagram/sandbox/tokens.ts'
import { RESEARCH } from '../../src/networks/tiktok/sandbox/access/credentials.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { YOUTUBE_ACCESS } from '../../src/networks/youtube/sandbox.ts'

/** Secrets by value, each with the name by which it may be spoken of. */
export type Secrets = ReadonlyMap<string, string>

const SECRET_FIELD = /(_token|_secret|^api_key)$/

const { clientId: _, ...youtube } = YOUTUBE_ACCESS
const named = (what: string, values: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(values).map(([name, value]) => [value, `${what}: ${name}`])

/** The credentials of the sandbox that are constants. */
export const SANDBOX_SECRETS: Secrets = new Map([
  ...named("Instagram's sandbox", { ...TOKENS, 'app secret': APP.secret }),
  ...Object.entries(TOKENS).map(([name, token]): [string, string] => [
    proofOf(token),
    `Instagram's sandbox: appsecret_proof of ${name}`,
  ]),
  ...named("YouTube's sandbox", youtube),
  ...named("TikTok's sandbox", { ...DISPLAY, 'client secret': RESEARCH.SOCSYNC_TIKTOK_CLIENT_SECRET }),
])

const CREDENTIALS_FILE = /(^|[./])credentials\.json$/
/** Whether a file is one of credentials, by its name. */
export const isCredentialsFile = (path: string): boolean => CREDENTIALS_FILE.test(path)

/** Files that hold secrets because that is what they are for. */
const GIVEN: readonly { readonly path: RegExp; readonly because: string }[] = [
  { path: CREDENTIALS_FILE, because: 'tests write tokens there, and socsync those that it renewed' },
  { path: /\.tgz$|(^|\/)node_modules\//, because: 'the package itself: its sandbox brings its credentials' },
]
/** Whether a file may hold secrets, by its name. */
export const isGiven = (path: string): boolean => GIVEN.some(given => given.path.test(path))

/** The secrets of a credentials file; none where it is not one, or broken. */
export const secretsOfFile = (text: string): Secrets => {
  const networks: unknown = parsed(text)
  const entries = Object.entries(Object(networks)).flatMap(([network, list]) =>
    (Array.isArray(list) ? list : []).flatMap(entry =>
      Object.entries(Object(entry)).map(([field, value]) => ({ network, field, value })),
    ),
  )
  return new Map(
    entries.flatMap(({ network, field, value }) =>
      typeof value === 'string' && SECRET_FIELD.test(field)
        ? [[value, `a ${field} of ${network}, from a credentials file`]]
        : [],
    ),
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Tokens that the sandbox gave out: nobody can list them beforehand. */
export const MINTED: Readonly<Record<string, RegExp>> = {
  "TikTok's sandbox: a token that it gave out": /(?:clt|act|rft)\.[A-Za-z0-9]{44}/,
  "YouTube's sandbox: a token that it gave out": /ya29\.sandbox\.[\w.-]+/,
  "Instagram's sandbox: a token that it renewed": /(?:IGAA|EAA)J\w+ZD[a-z0-9]{6}/,
}
