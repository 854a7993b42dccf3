import { EDGE_ATTRIBUTES, NODE_ATTRIBUTES, type SocialGraph } from './graph.ts'
import { escaped } from './xml.ts'

/** What GEXF has names of its own for. */
const OWN: ReadonlySet<string> = new Set(['label', 'kind', 'weight'])

/**
 * A graph as GEXF 1.3 (https://gexf.net), a piece for each node and edge. The writer of graphology-gexf makes one text of it
 * all, which takes several times the memory of the graph.
 */
export function* gexf(graph: SocialGraph): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
  yield '<meta><creator>socsync</creator></meta>\n<graph mode="static" defaultedgetype="directed">\n'
  yield* declared('node', NODE_ATTRIBUTES)
  yield* declared('edge', EDGE_ATTRIBUTES)
  yield '<nodes>\n'
  for (const { node, attributes } of graph.nodeEntries())
    yield `<node id="${escaped(node)}"${own(attributes)}>${values(attributes)}</node>\n`
  yield '</nodes>\n<edges>\n'
  for (const { edge, source, target, attributes } of graph.edgeEntries())
    yield `<edge id="${escaped(edge)}" source="${escaped(source)}" target="${escaped(target)}"${own(attributes)}>${values(attributes)}</edge>\n`
  yield '</edges>\n</graph>\n</gexf>\n'
}

function* declared(of: 'node' | 'edge', types: Readonly<Record<string, string>>): Generator<string> {
  yield `<attributes class="${of}">\n`
  for (const [name, type] of Object.entries(types))
    if (!OWN.has(name)) yield `<attribute id="${name}" title="${name}" type="${type}"/>\n`
  yield '</attributes>\n'
}

const own = (attributes: object): string =>
  Object.entries(attributes)
    .filter(([name]) => OWN.has(name))
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')

const values = (attributes: object): string => {
  const told = Object.entries(attributes)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => `<attvalue for="${name}" value="${escaped(String(value))}"/>`)
  return told.length === 0 ? '' : `<attvalues>${told.join('')}</attvalues>`
}
