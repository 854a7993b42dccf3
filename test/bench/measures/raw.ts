import { zstdDecompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox/world/specials.ts'
import { socsync, tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { startSandboxProcess } from '../processes.ts'

const { big } = YOUTUBE_SPECIALS.channels

/** What a comment page takes in the raw zone, of what came. The sandbox's texts, since a stand-in's are too much alike. */
export const raw: Measure = {
  name: 'raw',
  async *measure({ scale }) {
    using folder = tempFolder()
    const path = folder.file('raw.db')
    await using sandbox = await startSandboxProcess('small')
    const posts = String(Math.max(10, Math.round(40 * scale)))
    const args = ['run', '--network', 'youtube', '--scope', 'comments', '--limit-posts', posts, '--quiet']
    const { code, stderr } = await socsync([...args, '--db', path, big], { env: sandbox.env })
    if (code !== 0) throw new Error(stderr)
    const db = new Database(path, { readonly: true })
    const bodies = db
      .prepare(
        `select body from raw_bodies where hash in (select body_hash from raw_pages where request like '%comment%')`,
      )
      .pluck()
      .all() as Buffer[]
    db.close()
    const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0)
    const stored = sum(bodies.map(body => body.length))
    const came = sum(bodies.map(body => zstdDecompressSync(body).length))
    yield {
      name: 'raw zone: comment pages',
      value: stored / came,
      unit: '×',
      reach: { most: 0.2 },
      note: `of the bytes of the answers, uncompressed · ${bodies.length} pages, ${(came / 2 ** 20).toFixed(1)} MB`,
      isStable: true,
    } satisfies Figure
  },
}
