import type { Stream } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import { openEvidence } from '../evidence.ts'
import type { Graph } from './graph.ts'
import type { Hashtags } from './hashtags.ts'
import type { Choice } from './insight-sorts.ts'
import { openBeside } from './insights-beside.ts'
import { openInsightsKnown } from './insights-known.ts'
import { openMetrics } from './metrics.ts'
import type { Own } from './own.ts'
import { openReader } from './read.ts'
import { accountStreams } from './streams/account.ts'
import { accountInsightsStream } from './streams/account-insights.ts'
import { commentStreams } from './streams/comments.ts'
import { demographicsStream } from './streams/demographics.ts'
import { discoveryStreams } from './streams/discovery.ts'
import { insightsStream } from './streams/insights.ts'
import { lookUpStreams } from './streams/look-ups.ts'
import { mediaStream } from './streams/media.ts'
import { namedStream } from './streams/named.ts'
import { tagStream } from './streams/tag.ts'
import { taggedStream } from './streams/tagged.ts'
import type { Turns } from './turns.ts'

/**
 * All that is read of Instagram, and what leads to what:
 *
 *   another account   discovery ─▶ discovery-media
 *   an own account    account ─▶ media ─▶ comments ─▶ replies
 *                             │       └─▶ insights (but for those that came beside the list)
 *                             │   (what a whole walk did not bring: ─▶ media-look-up, comment-look-up)
 *                             ├▶ stories ─▶ insights
 *                             ├▶ account-insights
 *                             ├▶ demographics
 *                             └▶ tagged (where that list is wanted)
 *   a hashtag         tag
 *   an own post       named ─▶ comments ─▶ replies, and insights but for those that came beside it
 */
export const openStreams = (
  graph: Graph,
  own: Own,
  turns: Turns,
  hashtags: Hashtags,
  choice: Choice,
  memory: Memory,
  now: () => number,
): readonly Stream[] => {
  const evidence = openEvidence(memory, now)
  const reader = openReader(graph, memory, evidence, now)
  const { read } = reader
  const insights = openInsightsKnown(choice, evidence, memory, now)
  const readMetrics = openMetrics(graph, insights, evidence, now)
  const readBeside = openBeside(graph, insights, now)
  return [
    ...discoveryStreams(graph, own, read),
    ...accountStreams(graph, own, read, readBeside),
    mediaStream(graph, read, readBeside),
    namedStream({ graph, own, reader, readBeside, turns }),
    ...commentStreams(graph, read),
    insightsStream(choice, readMetrics),
    accountInsightsStream(choice, readMetrics),
    demographicsStream(choice, readMetrics),
    taggedStream(graph, read),
    tagStream(graph, read, hashtags),
    ...lookUpStreams(graph, read),
  ]
}
