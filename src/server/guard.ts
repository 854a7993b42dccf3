import type { FastifyRequest } from 'fastify'
import { Refused } from './problems.ts'
import type { App } from './server-context.ts'

/** Paths that show nothing of the data: the page's own files, and whether the server lives. */
const OPEN = new Set(['/health', '/ready'])
const isOpen = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url !== undefined && (OPEN.has(routeOptions.url) || routeOptions.config.isPage === true)

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A file of the page: it holds no data, and a browser asks for it before it has the token. */
    isPage?: boolean
  }
}

export interface GuardOptions {
  /** Names that this server answers to, in lower case. */
  readonly hosts: ReadonlySet<string>
  readonly isToken: (header: string | undefined) => boolean
  /** Counts a refusal; true = this address had too many. */
  readonly countRefusal: (request: FastifyRequest) => Promise<boolean>
  /** Whether no new work is taken any more. */
  readonly isStopping: () => boolean
}

/**
 * Before any handler: only requests to a name of ours (another one leads here by DNS rebinding), not from another
 * site's page, and with the token.
 */
export const guard = (app: App, options: GuardOptions): void => {
  app.addHook('onRequest', async request => {
    const { host = '', origin } = request.headers
    if (!options.hosts.has(nameOf(host)))
      throw new Refused('foreign', { detail: 'this server does not go by that name' })
    if (origin !== undefined && !isOwn(origin, host))
      throw new Refused('foreign', { detail: 'pages of other sites may not ask' })
  })
  app.addHook('onRequest', async (request, reply) => {
    if (isOpen(request)) return
    if (!options.isToken(request.headers.authorization)) {
      if (await options.countRefusal(request)) throw new Refused('too-many-requests')
      reply.header('www-authenticate', 'Bearer realm="socsync"')
      throw new Refused('unauthorised')
    }
    if (request.method !== 'GET' && options.isStopping())
      throw new Refused('unavailable', { detail: 'the server is stopping and takes no new work' })
  })
}

/** `[::1]:8378` is `[::1]`. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '')

const isOwn = (origin: string, host: string): boolean => {
  const url = URL.parse(origin)
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.host === host.toLowerCase().replace(/:(80|443)$/, '')
  )
}
