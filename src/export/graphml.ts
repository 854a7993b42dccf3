import { EDGE_ATTRIBUTES, NODE_ATTRIBUTES, type SocialGraph } from './graph.ts'
import { escaped } from './xml.ts'

const KEYS = { node: NODE_ATTRIBUTES, edge: EDGE_ATTRIBUTES }

/** A graph as GraphML (https://graphml.graphdrawing.org), a piece for each node and edge. */
export function* graphml(graph: SocialGraph): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
  for (const element of ['node', 'edge'] as const)
    for (const [name, type] of Object.entries(KEYS[element]))
      yield `<key id="${element}_${name}" for="${element}" attr.name="${name}" attr.type="${type}"/>\n`
  yield '<graph edgedefault="directed">\n'
  for (const { node, attributes } of graph.nodeEntries())
    yield `<node id="${escaped(node)}">${data('node', attributes)}</node>\n`
  for (const { edge, source, target, attributes } of graph.edgeEntries())
    yield `<edge id="${escaped(edge)}" source="${escaped(source)}" target="${escaped(target)}">${data('edge', attributes)}</edge>\n`
  yield '</graph>\n</graphml>\n'
}

const data = (element: keyof typeof KEYS, attributes: object): string =>
  Object.entries(attributes)
    .map(([name, value]) => `<data key="${element}_${name}">${escaped(String(value))}</data>`)
    .join('')
