import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { BadInput } from '../core/errors.ts'
import type { SandboxAnswer, SandboxRequest } from '../networks/sandbox.ts'

const LONGEST_BODY = 2 ** 20
const SMALLEST_GZIP = 1024
const zip = promisify(gzip)

/** A whole request in the sandboxes' form. Throws {@link BadInput} on a body over 1 MiB. */
export const readRequest = async (message: IncomingMessage): Promise<SandboxRequest> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message) {
    length += chunk.length
    if (length > LONGEST_BODY) throw new BadInput(`A request body is at most ${LONGEST_BODY} bytes.`)
    chunks.push(chunk)
  }
  // A proxy's absolute form is a legal way to say the same path.
  const target = (message.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '')
  const [path = '/', query] = cutAt(target, '?')
  return {
    method: message.method ?? 'GET',
    path: path === '' ? '/' : path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(chunks).toString(),
  }
}

/** Sends an answer whole, as JSON unless it says otherwise, and packed where the client takes gzip. */
export const sendAnswer = async (
  request: SandboxRequest,
  response: ServerResponse,
  { status, headers, body }: SandboxAnswer,
): Promise<void> => {
  const packs = body.length >= SMALLEST_GZIP && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const bytes = packs ? await zip(body, { level: 1 }) : Buffer.from(body)
  response.writeHead(status, {
    ...(bytes.length > 0 && { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
    ...(packs && { 'content-encoding': 'gzip' }),
    ...(status !== 204 && { 'content-length': bytes.length }),
  })
  response.end(bytes)
}

/** 400 for what the client did wrong, 500 with the stack for a bug in a network's sandbox. */
export const sendError = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const isOurs = !(error instanceof BadInput)
  response.writeHead(isOurs ? 500 : 400, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ error: isOurs ? { message, stack } : { message } }))
}

const cutAt = (text: string, mark: string): readonly [string, string?] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
