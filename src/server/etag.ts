import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Marks an answer by its content, and tells whether the client has that already: then 304 is enough. */
export const isKnown = (request: FastifyRequest, reply: FastifyReply, body: string | Buffer): boolean => {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  reply.header('etag', tag)
  const held = request.headers['if-none-match']
  return held?.split(',').some(one => one.trim().replace(/^W\//, '') === tag) ?? false
}
