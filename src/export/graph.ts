import { MultiDirectedGraph } from 'graphology'
import { BadInput } from '../core/errors.ts'
import { xmlText } from './xml.ts'

export interface PersonRow {
  readonly network: string
  readonly author_id: string | null
  readonly author_name: string | null
}

/** What a graph is made of: rows as the store gives them, each list read once and in this order. */
export interface GraphSource {
  readonly profiles: AsyncIterable<{
    readonly network: string
    readonly id: string
    readonly username: string | null
    readonly name: string | null
    readonly followers_count: number | null
  }>
  readonly comments: AsyncIterable<
    PersonRow & {
      readonly profile_id: string
      readonly comments: number
      readonly first_at: string | null
      readonly last_at: string | null
    }
  >
  /** Who mentions whom: the handles without `@`. */
  readonly mentions: readonly AsyncIterable<
    PersonRow & { readonly handles: readonly string[]; readonly at: string | null }
  >[]
}

export interface NodeAttributes {
  label: string
  network: string
  /** A profile that is stored, or somebody who commented, or was mentioned. */
  role: 'profile' | 'other'
  id?: string
  username?: string
  name?: string
  followers_count?: number
}

export interface EdgeAttributes {
  kind: 'commented' | 'mentions'
  /** How many comments, or how often mentioned. */
  weight: number
  first_at?: string
  last_at?: string
}

/** By their types, which GEXF and GraphML call alike. */
export const NODE_ATTRIBUTES: Readonly<Record<keyof NodeAttributes, 'string' | 'long'>> = {
  label: 'string',
  network: 'string',
  role: 'string',
  id: 'string',
  username: 'string',
  name: 'string',
  followers_count: 'long',
}
export const EDGE_ATTRIBUTES: Readonly<Record<keyof EdgeAttributes, 'string' | 'long'>> = {
  kind: 'string',
  weight: 'long',
  first_at: 'string',
  last_at: 'string',
}

export type SocialGraph = MultiDirectedGraph<NodeAttributes, EdgeAttributes>

/** A graph lies in memory as a whole: so many nodes and edges take less than a gigabyte. */
const MOST = 1_000_000

/**
 * Who commented on whose posts, and who mentions whom. A node is called `youtube:UC…` by its id, or `instagram:@name` where only a name is
 * known. BadInput where there are more nodes and edges together than `most`.
 */
export const makeGraph = async (
  { profiles, comments, mentions }: GraphSource,
  most = MOST,
): Promise<SocialGraph> => {
  const graph: SocialGraph = new MultiDirectedGraph()
  /** Nodes by network and handle. */
  const handles = new Map<string, string>()
  const nodeOfHandle = (network: string, handle: string): string => {
    const key = `${network}:@${handle.toLowerCase()}`
    const known = handles.get(key)
    if (known !== undefined) return known
    if (!graph.hasNode(key))
      graph.addNode(key, { label: `@${handle}`, network, role: 'other', username: handle })
    return key
  }
  const nodeOf = ({ network, author_id: id, author_name: name }: PersonRow): string => {
    if (id === null) return nodeOfHandle(network, withoutAt(name ?? ''))
    const key = `${network}:${id}`
    if (graph.hasNode(key)) return key
    const label = name === null ? id : xmlText(name)
    graph.addNode(key, {
      label,
      network,
      role: 'other',
      id,
      ...(name === null ? {} : { name: xmlText(name) }),
    })
    // What begins with @ is a handle; any other name may be anybody's.
    if (name?.startsWith('@')) handles.set(`${network}:${name.toLowerCase()}`, key)
    return key
  }
  const add = (source: string, target: string, edge: EdgeAttributes): void => {
    const key = `${edge.kind} ${source} ${target}`
    if (!graph.hasEdge(key)) {
      if (graph.order + graph.size >= most) throw tooLarge(most)
      graph.addDirectedEdgeWithKey(key, source, target, edge)
      return
    }
    graph.updateEdgeAttributes(key, known => joined(known, edge))
  }
  for await (const { network, id, username, name, followers_count } of profiles) {
    const handle = username === null ? null : withoutAt(username)
    const key = `${network}:${id}`
    graph.addNode(key, {
      label: xmlText(name ?? handle ?? id),
      ...{ network, role: 'profile', id },
      ...(handle === null ? {} : { username: handle }),
      ...(name === null ? {} : { name: xmlText(name) }),
      ...(followers_count === null ? {} : { followers_count }),
    })
    if (handle !== null) handles.set(`${network}:@${handle.toLowerCase()}`, key)
  }
  for await (const row of comments) {
    const target = nodeOf({ network: row.network, author_id: row.profile_id, author_name: null })
    add(nodeOf(row), target, {
      kind: 'commented',
      weight: row.comments,
      ...between(row.first_at, row.last_at),
    })
  }
  for (const list of mentions)
    for await (const row of list)
      for (const handle of row.handles)
        add(nodeOf(row), nodeOfHandle(row.network, handle), {
          ...{ kind: 'mentions', weight: 1 },
          ...between(row.at, row.at),
        })
  return graph
}

const tooLarge = (most: number): BadInput =>
  new BadInput(`a graph has at most ${most} nodes and edges, and this one has more`, {
    hint: 'take less of it, by --network, --entity, --run or --since',
  })

const between = (
  first: string | null,
  last: string | null,
): Pick<EdgeAttributes, 'first_at' | 'last_at'> => ({
  ...(first === null ? {} : { first_at: first }),
  ...(last === null ? {} : { last_at: last }),
})

const joined = (a: EdgeAttributes, b: EdgeAttributes): EdgeAttributes => {
  const moments = [a.first_at, a.last_at, b.first_at, b.last_at].filter(at => at !== undefined).sort()
  return { kind: a.kind, weight: a.weight + b.weight, ...between(moments[0] ?? null, moments.at(-1) ?? null) }
}

const withoutAt = (name: string): string => xmlText(name).replace(/^@/, '')
