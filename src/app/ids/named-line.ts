import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Network } from '../../networks/contract.ts'
import { quote } from '../config/quote.ts'

/** What an id list is told by: the rest of a network does not matter here. */
export type IdNetwork = Pick<Network, 'name' | 'hosts' | 'parseId' | 'explainId' | 'looksLike' | 'idForms'>

/** The profile that a line names. */
export interface NamedLine {
  readonly network: IdNetwork
  readonly entityId: string
  /** The line without the prefix of its network. */
  readonly id: string
}

const PREFIX = /^([a-z][\w-]*):(?!\/\/)\s*/i
const ADDRESS = /^https?:\/\//i
const BARE_ADDRESS = /^([\w-]+\.)+[a-z]+\//i

/** Addresses that people do have in their lists and that no API can be asked by: each with what to do instead. */
const UNFIT: readonly Unfit[] = [
  {
    pattern: /^(www\.|m\.)?youtube\.com\/c\//,
    what: 'a custom address (/c/…), which the API cannot look up',
    instead: 'open it in a browser and use the @handle or the channel id that the page shows',
  },
  {
    pattern: /^(youtu\.be|instagr\.am|v[mt]\.tiktok\.com|(www\.|m\.)?tiktok\.com\/t)\//,
    what: 'a short link, which does not say whose it is',
    instead: 'open it in a browser and use the address of the profile that it leads to',
  },
]

interface Unfit {
  readonly pattern: RegExp
  readonly what: string
  readonly instead: string
}

/** The network and key that a line names, or why it names none. */
export const nameOf = (
  text: string,
  place: () => string,
  chosen: IdNetwork | null,
  networks: readonly IdNetwork[],
): NamedLine | BadInput => {
  // Made for a message only: most of a long list is fine.
  const shown = (): string => `${place()}: ${quote(text)}`
  const prefix = PREFIX.exec(text)
  const byPrefix = prefix?.[1] === undefined ? null : findNetwork(prefix[1], networks, shown)
  if (byPrefix instanceof BadInput) return byPrefix
  const id = text.slice(prefix?.[0].length ?? 0)
  const address = addressIn(id, networks)
  const byHost = address === null ? null : hostOf(shown, address, networks)
  if (byHost instanceof BadInput) return byHost

  const claims = [chosen, byPrefix, byHost].filter(claim => claim !== null)
  const [network, ...others] = claims
  if (network === undefined) {
    return new BadInput(`${shown()} does not say which network it means`, {
      hint: `pass --network, or write ${networks.map(({ name }) => `${name}:…`).join(', ')}`,
    })
  }
  const other = others.find(claim => claim !== network)
  if (other !== undefined) {
    return new BadInput(`${shown()} means ${other.name}, not ${network.name}`, {
      hint:
        network === chosen
          ? 'leave --network out where a list holds several networks'
          : 'the prefix and the address must mean the same network',
    })
  }
  const entityId = network.parseId(id)
  if (entityId !== null) return { network, entityId, id }
  const why = network.explainId?.(id) ?? null
  const known = why === null && address !== null ? unfit(address) : undefined
  if (known !== undefined) return unfitted(shown, known)
  return new BadInput(`${shown()} is no ${network.name} profile`, {
    hint: why ?? `allowed: ${network.idForms}`,
  })
}

/** The network of this name, in whatever letter case. Throws BadInput where there is none. */
export const networkCalled = (
  name: string,
  networks: readonly IdNetwork[],
  place: () => string,
): IdNetwork => {
  const found = findNetwork(name, networks, place)
  if (found instanceof BadInput) throw found
  return found
}

const findNetwork = (
  name: string,
  networks: readonly IdNetwork[],
  place: () => string,
): IdNetwork | BadInput => {
  const network = networks.find(known => known.name === name.toLowerCase())
  if (network !== undefined) return network
  const names = networks.map(known => known.name)
  const meant = nearest(name, names)
  return new BadInput(`${place()} names the network ${quote(name)}, which is not known`, {
    hint: meant === null ? `known are ${names.join(', ')}` : `did you mean ${meant}?`,
  })
}

/** The line as an address, or null where it is none. Without `https://` only a host that is known makes one. */
const addressIn = (text: string, networks: readonly IdNetwork[]): URL | null => {
  if (ADDRESS.test(text)) return URL.parse(text)
  if (!BARE_ADDRESS.test(text)) return null
  const url = URL.parse(`https://${text}`)
  const known = url !== null && (networkOf(url, networks) !== undefined || unfit(url) !== undefined)
  return known ? url : null
}

const unfit = (url: URL): Unfit | undefined =>
  UNFIT.find(({ pattern }) => pattern.test(url.hostname + url.pathname))

const unfitted = (shown: () => string, { what, instead }: Unfit): BadInput =>
  new BadInput(`${shown()} is ${what}`, { hint: instead })

const networkOf = (url: URL, networks: readonly IdNetwork[]): IdNetwork | undefined =>
  networks.find(({ hosts }) => hosts.includes(url.hostname.replace(/^www\./, '')))

const hostOf = (shown: () => string, url: URL, networks: readonly IdNetwork[]): IdNetwork | BadInput => {
  const network = networkOf(url, networks)
  if (network !== undefined) return network
  const refused = unfit(url)
  if (refused !== undefined) return unfitted(shown, refused)
  return new BadInput(`${shown()} is an address of no network that is known`, {
    hint: `known hosts are ${networks.flatMap(({ hosts }) => hosts).join(', ')}`,
  })
}
