import type { Stream } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import type { Graph } from './graph.ts'
import { openMetrics } from './metrics.ts'
import { openReader } from './read.ts'
import { accountStreams } from './streams/account.ts'
import { commentStreams } from './streams/comments.ts'
import { discoveryStreams } from './streams/discovery.ts'
import { insightsStreams } from './streams/insights.ts'
import { lookUpStreams } from './streams/look-ups.ts'
import { mediaStream } from './streams/media.ts'

/**
 * All that is read of Instagram, and what leads to what:
 *
 *   another account   discovery ─▶ discovery-media
 *   an own account    account ─▶ media ─▶ comments ─▶ replies
 *                             │       └─▶ insights
 *                             │   (what a whole walk did not bring: ─▶ media-look-up, comment-look-up)
 *                             ├▶ stories ─▶ insights
 *                             └▶ account-insights
 */
export const openStreams = (graph: Graph, memory: Memory): readonly Stream[] => {
  const read = openReader(graph, memory)
  return [
    ...discoveryStreams(graph, read),
    ...accountStreams(graph, read),
    mediaStream(graph, read),
    ...commentStreams(graph, read),
    ...insightsStreams(graph.side, openMetrics(graph, memory)),
    ...lookUpStreams(graph, read),
  ]
}
