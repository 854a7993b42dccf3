import type { SandboxAnswer, SandboxRequest, Switches } from '../networks/sandbox.ts'
import { asObject, type Job, stateOf, type Work } from './transforms/job.ts'
import { type Manner, mannerOf } from './transforms/manner.ts'

/** What a service has seen and done. */
export interface TransformCounts {
  /** Jobs that it began: an element that was submitted twice under one key is one. */
  readonly jobs: number
  /** Submissions that it knew by their key. */
  readonly repeated: number
  readonly polls: number
  /** Of one job at most. */
  readonly mostPolls: number
  /** Jobs that it has lost. */
  readonly forgotten: number
  /** Jobs that were begun for an element that had one before. */
  readonly again: number
}

/** The stand-in of any number of transform services: `/transforms/<name>/jobs`, each by the name that it is called. */
export interface TransformSandbox {
  owns(request: SandboxRequest): boolean
  answer(request: SandboxRequest): SandboxAnswer
  counts(): Readonly<Record<string, TransformCounts>>
}

export interface TransformSandboxOptions {
  readonly seed: number
  readonly now: () => number
  readonly switches: Switches
}

const PATH = /^\/transforms\/([a-z][a-z0-9_-]*)\/jobs(?:\/([^/]+))?$/

/**
 * Switches, beside those of the transport: `latency` (ms of every job that is begun while it is on), `fail` (the next
 * jobs fail, for this reason), `lose` (the next questions find their job forgotten), `shape` (the next answers are
 * wrong: `no-job-id`, `status`, `no-result`, `huge`), `retry-after` (seconds, on every answer), `token` (the only one
 * that is let in).
 */
export const openTransformSandbox = ({ seed, now, switches }: TransformSandboxOptions): TransformSandbox => {
  const services = new Map<string, Service>()
  const serviceOf = (name: string): Service => {
    const known = services.get(name)
    if (known !== undefined) return known
    const fresh = new Service(name, mannerOf(name), { seed, now, switches })
    services.set(name, fresh)
    return fresh
  }
  return {
    owns: ({ path }) => path.startsWith('/transforms/'),
    answer(request) {
      const [, name, id] = PATH.exec(request.path) ?? []
      if (name === undefined) return say(404, { error: 'services are at /transforms/<name>/jobs' })
      const token = switches.peek('token')
      if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
        return say(401, { error: 'this token is not known' })
      const answer = answerOf(serviceOf(name), request, id)
      const pause = switches.take('retry-after', request)
      return pause === undefined ? answer : { ...answer, headers: { 'retry-after': String(pause) } }
    },
    counts: () => Object.fromEntries([...services].map(([name, service]) => [name, service.counts()])),
  }
}

const answerOf = (service: Service, request: SandboxRequest, id: string | undefined): SandboxAnswer => {
  if (id !== undefined && request.method === 'GET') return service.poll(decodeURIComponent(id), request)
  if (id === undefined && request.method === 'POST') return service.submit(request)
  return say(405, { error: `${request.method} is not done here` })
}

class Service {
  readonly #name: string
  readonly #manner: Manner
  readonly #options: TransformSandboxOptions
  readonly #jobs = new Map<string, Job>()
  readonly #byKey = new Map<string, string>()
  readonly #ofElement = new Map<string, number>()
  #begun = 0
  #repeated = 0
  #polls = 0
  #mostPolls = 0
  #forgotten = 0

  constructor(name: string, manner: Manner, options: TransformSandboxOptions) {
    this.#name = name
    this.#manner = manner
    this.#options = options
  }

  submit(request: SandboxRequest): SandboxAnswer {
    const body = asObject(request.body)
    if (body === null) return say(400, { error: 'the body is no JSON object' })
    if (!Array.isArray(body.jobs)) {
      const [status, answer] = this.#take(body, request.headers['idempotency-key'], request)
      return say(status, answer)
    }
    const jobs = body.jobs.map(one => this.#take(one, one?.idempotency_key, request)[1])
    return say(202, { jobs })
  }

  poll(id: string, request: SandboxRequest): SandboxAnswer {
    const job = this.#jobs.get(id)
    this.#polls++
    const forgets = this.#options.switches.take('lose', request) !== undefined
    if (job === undefined || forgets || this.#losesItself(job)) {
      if (job !== undefined) this.#forget(job)
      return say(404, { error: 'there is no such job' })
    }
    job.polls++
    this.#mostPolls = Math.max(this.#mostPolls, job.polls)
    return say(200, this.#told(job, request))
  }

  counts(): TransformCounts {
    return {
      jobs: this.#begun,
      repeated: this.#repeated,
      polls: this.#polls,
      mostPolls: this.#mostPolls,
      forgotten: this.#forgotten,
      again: this.#begun - this.#ofElement.size,
    }
  }

  /** One element: a new job, or the one that its key has already. */
  #take(given: unknown, key: unknown, request: SandboxRequest): readonly [number, object] {
    const work = readWork(given)
    if (typeof work === 'string') return [400, { error: work }]
    if (typeof key !== 'string' || key === '') return [400, { error: 'there is no idempotency key' }]
    const known = this.#jobs.get(this.#byKey.get(key) ?? '')
    if (known !== undefined) {
      this.#repeated++
      return [200, this.#told(known, request)]
    }
    const { switches, now, seed } = this.#options
    const round = this.#ofElement.get(work.element) ?? 0
    this.#ofElement.set(work.element, round + 1)
    this.#begun++
    const latency = switches.peek('latency')
    const failure = switches.take('fail', request)
    const traits = this.#manner([seed, this.#name, work.element, round])
    const job: Job = {
      id: `${this.#name}-${this.#begun}`,
      key,
      work,
      begunAt: now(),
      latencyMs: typeof latency === 'number' ? latency : traits.latencyMs,
      failure: failure === undefined ? traits.failure : String(failure),
      isLost: round === 0 && traits.isLost,
      polls: 0,
    }
    this.#jobs.set(job.id, job)
    this.#byKey.set(key, job.id)
    return [202, this.#told(job, request)]
  }

  #told(job: Job, request: SandboxRequest): object {
    const state = stateOf(job, this.#options.now())
    const shape = this.#options.switches.take('shape', request)
    if (shape === 'no-job-id') return { status: state.status }
    if (shape === 'status') return { ...state, status: 'thinking' }
    if (shape === 'no-result') return { job_id: job.id, status: 'done' }
    if (shape === 'huge') return { job_id: job.id, status: 'done', result: 'x'.repeat(3 * 2 ** 20) }
    return state
  }

  /** Half of the way through. */
  #losesItself({ isLost, begunAt, latencyMs }: Job): boolean {
    return isLost && this.#options.now() - begunAt > latencyMs / 2
  }

  #forget(job: Job): void {
    this.#forgotten++
    this.#jobs.delete(job.id)
    this.#byKey.delete(job.key)
  }
}

const IDS = ['post_id', 'media_id', 'profile_id', 'comment_id'] as const

/** What is asked for, or what is wrong with it. */
const readWork = (given: unknown): Work | string => {
  const fields: Readonly<Record<string, unknown>> =
    typeof given === 'object' && given !== null ? { ...given } : {}
  const id = IDS.find(name => typeof fields[name] === 'string')
  if (id === undefined) return `there is none of ${IDS.join(', ')}`
  const { type, transform, version, network } = fields
  const input = type === 'text' ? fields.text : type === 'image' ? fields.media_url : undefined
  if (typeof input !== 'string' || input === '')
    return 'type is "text" with a text, or "image" with a media_url'
  if (![transform, version, network].every(word => typeof word === 'string'))
    return 'network, transform and version are texts'
  const element = `${network} ${id} ${fields[id]} ${version}`
  return { element, type: type === 'text' ? 'text' : 'image', input }
}

const say = (status: number, body: object): SandboxAnswer => ({ status, body: JSON.stringify(body) })
