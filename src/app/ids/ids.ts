import type { Readable } from 'node:stream'
import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Network } from '../../networks/contract.ts'
import { quote } from '../config/quote.ts'
import { type LineSource, openFile, readLines } from './lines.ts'

/** What an id list is told by: the rest of a network does not matter here. */
export type IdNetwork = Pick<Network, 'name' | 'hosts' | 'parseId' | 'idForms'>

export type IdInput =
  /** `name` is what messages call it, where that is not its path. */
  | { readonly file: string; readonly name?: string | undefined }
  | { readonly stdin: Readable }
  | { readonly args: readonly string[] }

/** One id of a list: where it stands, as it was written, and the profile that it names. */
export interface IdLine {
  /** Counted from 1, blank lines and comments included; the argument's position where ids are arguments. */
  readonly line: number
  readonly text: string
  readonly network: string
  readonly entityId: string
}

/**
 * The ids of a list, one by one, in constant memory. Blank lines, `#` comments (a whole line, or after white
 * space), CRLF and a byte-order mark are fine; duplicates are left in. Without `network` each line says its own,
 * by prefix (`youtube:@x`) or address; with it, a line that says another is refused. Throws BadInput with the
 * place at the first line that names no profile, and where there is no id at all.
 */
export async function* readIds(
  input: IdInput,
  { network, networks }: { readonly network: string | null; readonly networks: readonly IdNetwork[] },
): AsyncGenerator<IdLine> {
  const chosen = network === null ? null : called(network, networks, () => '--network')
  const source = sourceOf(input)
  let line = 0
  let found = false
  for await (const lines of source.batches) {
    for (const raw of lines) {
      line += 1
      const text = raw.replace(COMMENT, '').trim()
      if (text === '') continue
      found = true
      const number = line
      const named = nameOf(text, () => source.place(number), chosen, networks)
      yield { line, text, network: named.network.name, entityId: named.entityId }
    }
  }
  if (!found) throw new BadInput(`${source.name} holds no id`, { hint: formsOf(chosen, networks) })
}

interface Batches {
  readonly name: string
  readonly batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>
  place(line: number): string
}

const sourceOf = (input: IdInput): Batches => {
  if ('args' in input) {
    return { name: 'the list of ids', batches: [input.args], place: line => `argument ${line}` }
  }
  const source: LineSource =
    'file' in input ? openFile(input.file, input.name) : { name: 'standard input', readable: input.stdin }
  return { name: source.name, batches: readLines(source), place: line => `${source.name}, line ${line}` }
}

const COMMENT = /(^|\s)#.*$/s
const PREFIX = /^([a-z][\w-]*):(?!\/\/)\s*/i
const ADDRESS = /^https?:\/\//i
const BARE_ADDRESS = /^([\w-]+\.)+[a-z]+\//i

/** Addresses that people do have in their lists and that no API can be asked by: each with what to do instead. */
const UNFIT: readonly { readonly pattern: RegExp; readonly what: string; readonly instead: string }[] = [
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

/** The network and key that a line names. */
const nameOf = (
  text: string,
  place: () => string,
  chosen: IdNetwork | null,
  networks: readonly IdNetwork[],
): { network: IdNetwork; entityId: string } => {
  // Made for a message only: most of a long list is fine.
  const shown = (): string => `${place()}: ${quote(text)}`
  const prefix = PREFIX.exec(text)
  const byPrefix = prefix?.[1] === undefined ? null : called(prefix[1], networks, shown)
  const rest = text.slice(prefix?.[0].length ?? 0)
  const address = addressIn(rest, networks)
  if (address !== null) refuseUnfit(shown, address)
  const byHost = address === null ? null : hostOf(shown, address, networks)

  const claims = [chosen, byPrefix, byHost].filter(claim => claim !== null)
  const [network, ...others] = claims
  if (network === undefined) {
    throw new BadInput(`${shown()} does not say which network it means`, {
      hint: `pass --network, or write ${networks.map(({ name }) => `${name}:…`).join(', ')}`,
    })
  }
  const other = others.find(claim => claim !== network)
  if (other !== undefined) {
    throw new BadInput(`${shown()} means ${other.name}, not ${network.name}`, {
      hint:
        network === chosen
          ? 'leave --network out where a list holds several networks'
          : 'the prefix and the address must mean the same network',
    })
  }
  const entityId = network.parseId(rest)
  if (entityId === null) {
    throw new BadInput(`${shown()} is no ${network.name} profile`, { hint: `allowed: ${network.idForms}` })
  }
  return { network, entityId }
}

/** The network of this name, in whatever letter case. */
const called = (name: string, networks: readonly IdNetwork[], place: () => string): IdNetwork => {
  const network = networks.find(known => known.name === name.toLowerCase())
  if (network !== undefined) return network
  const names = networks.map(known => known.name)
  const meant = nearest(name, names)
  throw new BadInput(`${place()} names the network ${quote(name)}, which is not known`, {
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

const unfit = (url: URL): (typeof UNFIT)[number] | undefined =>
  UNFIT.find(({ pattern }) => pattern.test(url.hostname + url.pathname))

const refuseUnfit = (shown: () => string, url: URL): void => {
  const refused = unfit(url)
  if (refused !== undefined) throw new BadInput(`${shown()} is ${refused.what}`, { hint: refused.instead })
}

const networkOf = (url: URL, networks: readonly IdNetwork[]): IdNetwork | undefined =>
  networks.find(({ hosts }) => hosts.includes(url.hostname.replace(/^www\./, '')))

const hostOf = (shown: () => string, url: URL, networks: readonly IdNetwork[]): IdNetwork => {
  const network = networkOf(url, networks)
  if (network !== undefined) return network
  throw new BadInput(`${shown()} is an address of no network that is known`, {
    hint: `known hosts are ${networks.flatMap(({ hosts }) => hosts).join(', ')}`,
  })
}

const formsOf = (chosen: IdNetwork | null, networks: readonly IdNetwork[]): string =>
  (chosen === null ? networks : [chosen]).map(({ name, idForms }) => `${name}: ${idForms}`).join('; ')
