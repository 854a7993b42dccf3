import { gexf } from './gexf.ts'
import type { SocialGraph } from './graph.ts'
import { graphml } from './graphml.ts'
import type { GraphFormat } from './kinds.ts'

const WRITERS: Readonly<Record<GraphFormat, (graph: SocialGraph) => Iterable<string>>> = { gexf, graphml }

/** The text of a graph in a format, in pieces. */
export async function* graphText(graph: SocialGraph, format: GraphFormat): AsyncGenerator<string> {
  yield* WRITERS[format](graph)
}
