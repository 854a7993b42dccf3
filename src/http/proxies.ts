import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { BadInput } from '../core/errors.ts'

/** What the environment says of proxies, as curl and most tools read it. */
export interface Proxies {
  /** For https addresses; where only HTTP_PROXY is set, that one. Null = none is set. */
  readonly https: ProxyAddress | null
  readonly http: ProxyAddress | null
  /** Hosts that are asked without one, as NO_PROXY has them: `.corp.example,10.1.2.3:8443`, `*` = all. */
  readonly except: string
}

export interface ProxyAddress {
  /** Which variable names it: `HTTPS_PROXY`. */
  readonly variable: string
  /** With user and password, where it needs them. */
  readonly address: string
  /** `http://proxy.corp.example:3128`, fit to be shown. */
  readonly shown: string
  readonly secrets: readonly string[]
}

export const NO_PROXIES: Proxies = { https: null, http: null, except: '' }

/** Names in lower case win, as they do in curl; an empty variable counts as none. Throws BadInput, without the value. */
export const readProxies = (env: NodeJS.ProcessEnv): Proxies => {
  const http = readProxy(env, 'HTTP_PROXY')
  return {
    http,
    https: readProxy(env, 'HTTPS_PROXY') ?? http,
    except: env.no_proxy ?? env.NO_PROXY ?? '',
  }
}

const readProxy = (env: NodeJS.ProcessEnv, name: string): ProxyAddress | null => {
  const variable = [name.toLowerCase(), name].find(one => env[one])
  const text = variable === undefined ? undefined : env[variable]
  if (variable === undefined || text === undefined) return null
  // `proxy.corp.example:3128` means http, to curl too.
  const url = URL.parse(/^[a-z\d.+-]+:\/\//i.test(text) ? text : `http://${text}`)
  const password = decoded(url?.password ?? '')
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname + url.search + url.hash === '/'
  if (!isPlain || password === null || decoded(url.username) === null)
    throw new BadInput(`${variable} is no address of a proxy`, {
      hint: 'allowed: http[s]://[user:password@]host[:port]; unset it where there is none',
    })
  return {
    variable,
    address: url.href,
    shown: url.origin,
    secrets: [...new Set([url.password, password])].filter(secret => secret !== ''),
  }
}

/** Null where a `%` begins nothing. */
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

export interface Ways {
  /** What a request to this origin goes by; `proxy` null = no proxy is set for such an address. */
  to(origin: string): { readonly dispatcher: Dispatcher; readonly proxy: ProxyAddress | null }
  close(): Promise<void>
}

/**
 * The connections of this process: straight, and through a proxy where the environment has one. This machine is always
 * asked straight, whatever the environment says: a proxy elsewhere cannot reach a sandbox here.
 */
export const openWays = (options: Agent.Options, { http, https, except }: Proxies): Ways => {
  const straight = new Agent(options)
  const proxied =
    https === null
      ? null
      : new EnvHttpProxyAgent({
          ...options,
          httpsProxy: https.address,
          // '' would have undici look at the process's own variables.
          httpProxy: (http ?? https).address,
          noProxy: except,
        })
  return {
    to: origin => {
      const { protocol, hostname } = new URL(origin)
      const proxy = protocol === 'https:' ? https : http
      if (proxied === null || proxy === null || isLoopback(hostname))
        return { dispatcher: straight, proxy: null }
      return { dispatcher: proxied, proxy }
    },
    close: async () => {
      await Promise.all([straight.destroy(), proxied?.destroy()])
    },
  }
}

/** `URL` has already written every form of an IPv4 address as four numbers. */
const isLoopback = (hostname: string): boolean =>
  /^(.+\.)?localhost$|^\[::1\]$|^127(\.\d{1,3}){3}$/.test(hostname)
