/**
 * `node test/bench/stand-in/server.ts [--posts n] [--comments n] [--latency ms]`: a server that knows every profile it is asked for and
 * answers as the three networks do, at once or after a time, so that a run takes what socsync takes. Answers are compressed for who
 * asks for it, and made again for each call. Also the clock of `SOCSYNC_CLOCK`, on which sleeping takes no time.
 * `/log` tells the calls since it was emptied by DELETE. Prints its origin, and ends with its standard input.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { instagram } from './instagram.ts'
import { tiktok } from './tiktok.ts'
import { type Asked, textOfAnswer } from './world.ts'
import { youtube } from './youtube.ts'

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '0' },
    comments: { type: 'string', default: '0' },
    latency: { type: 'string', default: '0' },
  },
})
const world = { posts: Number(values.posts), comments: Number(values.comments) }
const latency = Number(values.latency)
const compress = promisify(gzip)

let ahead = 0
let log: { readonly method: string; readonly path: string; readonly query: string; readonly body: string }[] =
  []

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** What this server tells of itself; null = the question is a network's. */
const own = (method: string, { path, body }: Asked): unknown => {
  if (path === '/log') {
    const calls = log
    if (method === 'DELETE') log = []
    return { calls }
  }
  if (path !== '/sandbox/clock') return null
  const { until = 0 } = body === '' ? {} : (JSON.parse(body) as { until?: number })
  ahead = Math.max(ahead, until - Date.now())
  return { now: Date.now() + ahead }
}

const server = createServer(async (request, response) => {
  const method = request.method ?? 'GET'
  const url = new URL(request.url ?? '/', 'http://localhost')
  const asked = { path: url.pathname, query: url.searchParams, body: await bodyOf(request) }
  response.setHeader('content-type', 'application/json')
  const told = own(method, asked)
  if (told !== null) return response.end(JSON.stringify(told))
  log.push({ method, path: asked.path, query: url.search.slice(1), body: asked.body })
  const answer = youtube(asked, world) ?? tiktok(asked, world) ?? instagram(asked, world)
  if (answer === null) response.statusCode = 404
  const text = textOfAnswer(answer)
  if (latency > 0) await pause(latency)
  if (!request.headers['accept-encoding']?.includes('gzip')) return response.end(text)
  response.setHeader('content-encoding', 'gzip')
  return response.end(await compress(text, { level: 1 }))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit())
