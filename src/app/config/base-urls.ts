import { BadInput } from '../../core/errors.ts'
import type { Network } from '../../networks/contract.ts'

/** Each network's base address in place of its real hosts, without a slash at the end; null = the real ones. */
export type BaseUrls = ReadonlyMap<string, string | null>

/** From each network's own variable, else from what the config file says under `base_urls`. Throws BadInput. */
export const readBaseUrls = (
  env: NodeJS.ProcessEnv,
  inFile: ReadonlyMap<string, string>,
  networks: readonly Pick<Network, 'name' | 'baseUrlVariable'>[],
): BaseUrls =>
  new Map(
    networks.map(({ name, baseUrlVariable }) => {
      const given = env[baseUrlVariable]
      if (given) return [name, readBaseUrl(given, baseUrlVariable)]
      const written = inFile.get(name)
      return [
        name,
        written === undefined ? null : readBaseUrl(written, `base_urls.${name} in the config file`),
      ]
    }),
  )

/** An address without its last slash. A token must not cross a network in clear: http is for this machine alone. */
export const readBaseUrl = (text: string, place: string): string => {
  const url = URL.parse(text.trim())
  const refuse = (why: string): BadInput =>
    new BadInput(`${place} ${why}`, {
      hint: 'allowed: https://host[:port][/path], or http:// on this machine',
    })
  if (url === null || !/^https?:$/.test(url.protocol)) throw refuse('is no http or https address')
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password')
  if (url.search !== '' || url.hash !== '') throw refuse('must end before ? and #')
  if (url.protocol === 'http:' && !isLoopback(url)) throw refuse('is http, and not on this machine')
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

/** `URL` has already written every form of an IPv4 address as four numbers. */
const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)

/** What tests through the real binary may set (docs/design.md §7). */
export interface TestHooks {
  /** The address of a sandbox that supplies now and sleep, or null: the real time. */
  readonly clock: string | null
  /** The point at which the process ends itself, or null. */
  readonly crashAt: string | null
}

/** Reads SOCSYNC_CLOCK and SOCSYNC_CRASH_AT; BadInput unless every network is a stand-in on this machine. */
export const readTestHooks = (env: NodeJS.ProcessEnv, baseUrls: BaseUrls): TestHooks => {
  const clock = env.SOCSYNC_CLOCK ? readBaseUrl(env.SOCSYNC_CLOCK, 'SOCSYNC_CLOCK') : null
  const crashAt = env.SOCSYNC_CRASH_AT || null
  if (clock === null && crashAt === null) return { clock, crashAt }

  const variable = clock === null ? 'SOCSYNC_CRASH_AT' : 'SOCSYNC_CLOCK'
  const refuse = (why: string): BadInput =>
    new BadInput(`${variable} is for tests against a sandbox, but ${why}`, { hint: `unset ${variable}` })
  if (clock !== null && !isLocal(clock)) throw refuse('its address is not on this machine')
  const real = [...baseUrls].filter(([, base]) => base === null || !isLocal(base))
  if (real.length > 0) throw refuse(`${real.map(([name]) => name).join(', ')} would be the real one`)
  return { clock, crashAt }
}

/** Whom these addresses stand for; null = some are real, and some on this machine. */
export const originOf = (baseUrls: BaseUrls): 'networks' | 'stand-in' | null => {
  const local = [...baseUrls.values()].filter(base => base !== null && isLocal(base)).length
  if (local === 0) return 'networks'
  return local === baseUrls.size ? 'stand-in' : null
}

const isLocal = (address: string): boolean => isLoopback(new URL(address))
