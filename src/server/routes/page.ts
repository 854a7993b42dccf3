import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { PACKAGE } from '../../http/package.ts'
import type { Routes } from '../server-context.ts'

/** The files of the page, beside `src` in a checkout and `dist` in a package. */
const FOLDER = new URL('page/', PACKAGE)

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The status page: a closed list of files that are read once. No path of a request ever leads to a file. */
export const pageRoutes: Routes = app => {
  for (const file of readdirSync(FOLDER)) {
    const type = TYPES[extname(file)]
    if (type === undefined) continue
    const body = readFileSync(new URL(file, FOLDER))
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
    const url = file === 'index.html' ? '/' : `/${file}`
    app.get(url, { schema: { hide: true }, config: { isPage: true } }, async (request, reply) => {
      reply.header('etag', tag).header('cache-control', 'no-cache')
      if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      return reply.header('content-type', type).send(body)
    })
  }
}
