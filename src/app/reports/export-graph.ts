import type { GraphFormat } from '../../export/kinds.ts'
import { type Packing, packed } from '../../export/packing.ts'
import { openTarget, type Written, writeAll } from '../../export/target.ts'
import { withReadTransaction } from '../../store/reader.ts'
import {
  listCommentMentions,
  listGraphComments,
  listGraphProfiles,
  listPostMentions,
} from '../../store/reports/graph-rows.ts'
import { findChosen } from '../ids/find-profile.ts'
import { coverOf } from '../privacy/cover.ts'
import { coverGraph } from '../privacy/graph.ts'
import { type ExportRequest, jobsOf } from './export.ts'

export interface GraphRequest
  extends Pick<
    ExportRequest,
    'db' | 'out' | 'network' | 'entity' | 'networks' | 'job' | 'run' | 'since' | 'pseudonymise'
  > {
  readonly format: GraphFormat
  readonly packing: Packing | null
  /** Whether an existing file may be replaced. */
  readonly force: boolean
}

export interface ExportedGraph extends Written {
  readonly nodes: number
  readonly edges: number
}

/** Writes who commented on whose posts and who mentions whom, all of one moment. */
export const exportGraph = async (request: GraphRequest): Promise<ExportedGraph> => {
  const { out, format, packing, force, since } = request
  await using target = await openTarget(out, { force })
  const graph = await withReadTransaction(request.db, async db => {
    const { network, entity } = await findChosen(db, request, false)
    const filter = { network, entity, jobs: await jobsOf(db, request), since }
    const { makeGraph } = await import('../../export/graph.ts')
    const source = {
      profiles: listGraphProfiles(db, filter),
      comments: listGraphComments(db, filter),
      mentions: [listPostMentions(db, filter), listCommentMentions(db, filter)],
    }
    const cover = await coverOf(db, request)
    return makeGraph(cover === null ? source : coverGraph(source, cover))
  })
  const { graphText } = await import('../../export/graph-formats.ts')
  const pieces = graphText(graph, format)
  const written = await writeAll(packing === null ? pieces : packed(pieces, packing), target)
  return { ...written, nodes: graph.order, edges: graph.size }
}
