import type { FastifyReply } from 'fastify'
import { z } from 'zod'

/**
 * Every answer that refuses, as an RFC 9457 problem document. A `type` is for programs and stays what it is; the
 * titles are for people.
 */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is not understood' },
  unauthorised: { status: 401, title: 'A token is needed' },
  foreign: { status: 403, title: 'Not from there' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'run-ended': { status: 409, title: 'The run has ended' },
  'run-elsewhere': { status: 409, title: 'Another process works on this run' },
  'nothing-to-resume': { status: 409, title: 'There is nothing left to go on with' },
  'not-configured': { status: 409, title: 'The transform is not in the config file' },
  'not-working': { status: 409, title: 'Nobody works on the transform here' },
  'still-running': { status: 409, title: 'The run before is still going on' },
  'no-credential': { status: 409, title: 'A network has no credential' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-json': { status: 415, title: 'Only JSON is taken' },
  'bad-input': { status: 422, title: 'Something in the request cannot be' },
  'key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'A bug, or a database that is broken or full: see the log' },
  unavailable: { status: 503, title: 'Not now' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

export type ProblemName = keyof typeof PROBLEMS

const NAMES = Object.keys(PROBLEMS) as ProblemName[]

const typeOf = (name: ProblemName): string => `urn:socsync:problem:${name}`

export const Problem = z
  .object({
    type: z.enum(NAMES.map(typeOf)).meta({ description: 'Which problem it is: stable, for programs' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: 'What is wrong with this request, for people' }),
    hint: z.string().optional().meta({ description: 'What would be right' }),
    errors: z
      .array(z.object({ place: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Each part of the request that is wrong' }),
  })
  .meta({ id: 'Problem' })

export type Details = Partial<Pick<z.infer<typeof Problem>, 'detail' | 'hint' | 'errors'>>

/** Thrown by a handler; the error handler sends it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly problem: ProblemName
  readonly details: Details
  constructor(problem: ProblemName, details: Details = {}) {
    super(PROBLEMS[problem].title)
    this.problem = problem
    this.details = details
  }
}

export const sendProblem = (reply: FastifyReply, name: ProblemName, details: Details = {}): FastifyReply => {
  const { status, title } = PROBLEMS[name]
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(Buffer.from(JSON.stringify({ type: typeOf(name), title, status, ...details })))
}

type Answers = Record<number, unknown>

/** The answers of a route, for the document: its own, and the problems that it may give. */
export const answers = (own: Answers, ...problems: readonly ProblemName[]): Answers => {
  const byStatus = Map.groupBy(problems, name => PROBLEMS[name].status)
  const refusals = [...byStatus].map(([status, names]) => [
    status,
    {
      description: names.map(name => PROBLEMS[name].title).join('; or: '),
      content: { 'application/problem+json': { schema: Problem } },
    },
  ])
  return { ...own, ...Object.fromEntries(refusals) }
}
