import { ENTITY_KINDS, type EntityKind, entityKey, kindNamed } from '../../core/entity.ts'
import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Queries } from '../../core/params.ts'
import type { Network } from '../../networks/contract.ts'
import { quote } from '../config/quote.ts'

/** What an id list is told by: the rest of a network does not matter here. */
export type IdNetwork = Pick<
  Network,
  'name' | 'hosts' | 'parseId' | 'explainId' | 'looksLike' | 'idForms' | 'others'
>

/** What a line names. */
export interface NamedLine {
  readonly network: IdNetwork
  readonly entityId: string
  /** The line without its prefixes. */
  readonly id: string
  readonly kind: EntityKind
}

/** What may be known of a list's lines beforehand. */
export interface LineReading {
  /** The network of all lines; null = each says its own. */
  readonly chosen: IdNetwork | null
  readonly networks: readonly IdNetwork[]
  /** What ids point at that do not say it by a prefix or their address (`--as`). */
  readonly as: EntityKind
  /** What the searches that can be named ask for; left out = any name will do. */
  readonly queries?: Queries
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
    pattern: /^(instagr\.am|v[mt]\.tiktok\.com|(www\.|m\.)?tiktok\.com\/t)\//,
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
  { chosen, networks, as, queries }: LineReading,
): NamedLine | BadInput => {
  // Made for a message only: most of a long list is fine.
  const shown = (): string => `${place()}: ${quote(text)}`
  const prefixes = prefixesOf(text, networks, shown)
  if (prefixes instanceof BadInput) return prefixes
  const { network: byPrefix, kind, id } = prefixes
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
  // An address says by itself what it is of.
  const kinds = kind !== null ? [kind] : address !== null ? ENTITY_KINDS : [as]
  for (const candidate of kinds) {
    const found = parseAs(network, candidate, id)
    if (found === null) continue
    const wrong =
      candidate === 'search' && queries !== undefined ? wrongSearch(shown, network, found, queries) : null
    if (wrong !== null) return wrong
    return { network, entityId: entityKey(candidate, found), id, kind: candidate }
  }
  const known = address === null ? undefined : unfit(address)
  if (known !== undefined) return unfitted(shown, known)
  const wanted = kind ?? (address === null ? as : 'profile')
  return refuse(shown, network, wanted, id)
}

interface Prefixes extends Pick<NamedLine, 'id'> {
  readonly network: IdNetwork | null
  /** What the id points at; null = the line does not say. */
  readonly kind: EntityKind | null
}

/** A line in its parts: `youtube:`, `post:`, one after the other, or none of them. */
const prefixesOf = (
  text: string,
  networks: readonly IdNetwork[],
  shown: () => string,
): Prefixes | BadInput => {
  const [all = '', name] = PREFIX.exec(text) ?? []
  const rest = text.slice(all.length)
  if (name === undefined) return { network: null, kind: null, id: text }
  const kind = kindNamed(name.toLowerCase())
  if (kind !== null) return { network: null, kind, id: rest }
  const network = findNetwork(name, networks, shown)
  if (network instanceof BadInput) return network
  const [second = '', of = ''] = PREFIX.exec(rest) ?? []
  const then = kindNamed(of.toLowerCase())
  return then === null
    ? { network, kind: null, id: rest }
    : { network, kind: then, id: rest.slice(second.length) }
}

const parseAs = (network: IdNetwork, kind: EntityKind, id: string): string | null =>
  kind === 'profile' ? network.parseId(id) : (network.others[kind]?.parse(id) ?? null)

/** Why a search cannot be asked: nothing of its name is known, or its query says what the network does not take. */
const wrongSearch = (
  shown: () => string,
  network: IdNetwork,
  name: string,
  queries: Queries,
): BadInput | null => {
  const query = queries[name]
  const known = Object.keys(queries)
  if (query === undefined) {
    const meant = nearest(name, known)
    return new BadInput(`${shown()} is a search whose query is not known`, {
      hint:
        meant !== null
          ? `did you mean ${meant}?`
          : `give it by --query, or under "searches" in the config file${known.length === 0 ? '' : `, which has ${known.join(', ')}`}`,
    })
  }
  const wrong = network.others.search?.checkQuery?.(query) ?? null
  return wrong === null ? null : new BadInput(`${shown()}: in its query ${wrong}`)
}

const refuse = (shown: () => string, network: IdNetwork, kind: EntityKind, id: string): BadInput => {
  const form = kind === 'profile' ? null : network.others[kind]
  if (form === undefined)
    return new BadInput(`${shown()}: ${network.name} cannot be asked for a ${kind}`, {
      hint: `it can be asked for: ${['profile', ...Object.keys(network.others)].join(', ')}`,
    })
  const why = (form === null ? network.explainId?.(id) : form.explain?.(id)) ?? null
  return new BadInput(`${shown()} is no ${network.name} ${kind}`, {
    hint: why ?? `allowed: ${form === null ? network.idForms : form.forms}`,
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
  const meant = nearest(name, [...names, ...ENTITY_KINDS])
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
