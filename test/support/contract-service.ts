import { createServer, type IncomingMessage } from 'node:http'

/** A request as it came, to the letter. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/**
 * A transform service written from the contract's four lines alone, sharing nothing with socsync:
 * POST /jobs with an element's id and a type is answered 202 with `job_id` and `status`; GET /jobs/{job_id} with
 * `status`, a `result` when done, an `error` when failed. A job is pending, then processing, then done; an element
 * whose text or address has "bad" in it fails. Whatever is not of the contract is answered 400 and noted.
 */
export const startContractService = async () => {
  const seen: SeenRequest[] = []
  const broken: string[] = []
  const jobs = new Map<string, { asked: number; fails: boolean; id: string }>()
  const byKey = new Map<string, string>()

  const answer = ({ method, path, headers, body }: SeenRequest): readonly [number, object] => {
    const refuse = (why: string): readonly [number, object] => {
      broken.push(`${method} ${path}: ${why}`)
      return [400, { error: why }]
    }
    const [, jobId] = /^\/base\/jobs(?:\/(.+))?$/.exec(path) ?? [null, null]
    if (method === 'GET' && jobId) {
      const job = jobs.get(decodeURIComponent(jobId))
      if (!job) return [404, { error: 'no such job' }]
      job.asked += 1
      if (job.asked === 1) return [200, { status: 'pending' }]
      if (job.asked === 2) return [200, { status: 'processing' }]
      if (job.fails) return [200, { status: 'failed', error: 'bad element' }]
      return [200, { status: 'done', result: { of: job.id } }]
    }
    if (method !== 'POST' || path !== '/base/jobs') return refuse('nothing is there')
    if (!headers['content-type']?.startsWith('application/json')) return refuse('content-type')
    const fields = JSON.parse(body) as Record<string, unknown>
    const id = fields.post_id ?? fields.media_id
    if (typeof id !== 'string') return refuse('no post_id or media_id')
    if (fields.type !== 'image' && fields.type !== 'text') return refuse('type')
    const key = String(headers['idempotency-key'] ?? '')
    if (key === '') return refuse('no Idempotency-Key')
    const known = byKey.get(key)
    if (known) return [200, { job_id: known, status: 'pending' }]
    const job = `job/${jobs.size + 1}?#`
    byKey.set(key, job)
    jobs.set(job, { asked: 0, fails: body.includes('bad'), id })
    return [jobs.size % 2 === 0 ? 201 : 202, { job_id: job, status: 'pending' }]
  }

  const server = createServer((message, response) => {
    let body = ''
    message.setEncoding('utf8').on('data', text => {
      body += text
    })
    message.on('end', () => {
      const request = {
        method: message.method ?? '',
        path: message.url ?? '',
        headers: message.headers,
        body,
      }
      seen.push(request)
      const [status, said] = answer(request)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/base`,
    seen,
    broken,
    jobs,
    [Symbol.asyncDispose]: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
