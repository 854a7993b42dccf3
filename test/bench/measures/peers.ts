import { fileURLToPath } from 'node:url'
import { BINARY, tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { dropFile, leastOf } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

const POSTS = 40
const COMMENTS_OF_POST = 1000
const PEER = fileURLToPath(new URL('../peer.ts', import.meta.url))

/**
 * Whole processes, defaults against defaults: 40,000 comments by `socsync run`, which keeps everything, and by a script with Google's own
 * client, which writes ten columns of CSV.
 */
export const peers: Measure = {
  name: 'peers',
  async *measure({ scale, rounds }) {
    const posts = Math.max(1, Math.round(POSTS * scale))
    const channel = profileOf('youtube', 0)
    for (const [latencyMs, least] of [
      [0, 1],
      [50, 3],
    ] as const) {
      using folder = tempFolder()
      await using standIn = await startStandIn({ posts, comments: COMMENTS_OF_POST, latencyMs })
      const db = folder.file('run.db')
      const run = ['run', '--network', 'youtube', '--scope', 'comments', '--quiet', '--db', db, channel]
      let [own, peer] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      for (let round = 0; round < rounds; round++) {
        dropFile(db)
        own = Math.min(own, await leastOf(1, process.execPath, [BINARY, ...run], standIn.env))
        const args = [PEER, folder.file('peer.csv'), channel]
        peer = Math.min(peer, await leastOf(1, process.execPath, args, standIn.env))
      }
      yield {
        name: `peer: Google's client to CSV, ${latencyMs} ms`,
        value: peer / own,
        unit: '×',
        reach: { least },
        note: `its time of a run's · ${posts * COMMENTS_OF_POST} comments: ${(own / 1000).toFixed(1)} s and ${(peer / 1000).toFixed(1)}`,
        isStable: true,
      } satisfies Figure
    }
  },
}
