import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import fastify, { type FastifyBaseLogger, type FastifyError, LogController } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject, validatorCompiler } from 'fastify-type-provider-zod'
import { BadInput, NoCredential, SocsyncError } from '../core/errors.ts'
import { describeApi, withoutUnused } from './document.ts'
import { inFields } from './field-names.ts'
import { type GuardOptions, guard } from './guard.ts'
import { LIMITS, type ServerLimits } from './limits.ts'
import { type Details, type ProblemName, Refused, sendProblem } from './problems.ts'
import { changeRoutes } from './routes/changes.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { needRoutes } from './routes/needs.ts'
import { networkRoutes } from './routes/networks.ts'
import { pageRoutes } from './routes/page.ts'
import { planRoutes } from './routes/plan.ts'
import { profileRoutes } from './routes/profiles.ts'
import { resultRoutes } from './routes/results.ts'
import { runRoutes } from './routes/runs.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { transformRoutes } from './routes/transforms.ts'
import { workerRoutes } from './routes/workers.ts'
import type { App, ServerContext } from './server-context.ts'

/** One file for each resource, in the order of the document. */
const ROUTES = [
  planRoutes,
  runRoutes,
  eventRoutes,
  jobRoutes,
  resultRoutes,
  profileRoutes,
  changeRoutes,
  scheduleRoutes,
  transformRoutes,
  networkRoutes,
  needRoutes,
  workerRoutes,
  healthRoutes,
  pageRoutes,
]

export interface BuildOptions {
  readonly context: ServerContext
  readonly version: string
  readonly guard: Pick<GuardOptions, 'hosts' | 'isToken'>
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null
  /** Whether the address of a client is the one that a proxy names. */
  readonly behindProxy: boolean
  readonly limits?: Partial<ServerLimits>
  readonly logger: FastifyBaseLogger
  /** Takes paths and secrets out of what a client is told. */
  readonly clean: (text: string) => string
}

/** The server, not yet listening. */
export const buildServer = async (options: BuildOptions): Promise<App> => {
  const { context, version, tls, clean } = options
  const limits = { ...LIMITS, ...options.limits }
  const common = {
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'req_id' }),
    trustProxy: options.behindProxy,
    bodyLimit: limits.body,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // An id of any length is no id of ours: a 404, and not the router's own 414.
    routerOptions: { maxParamLength: limits.head },
  } as const
  const http = {
    maxHeaderSize: limits.head,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    // How often Node looks for connections that are over these.
    connectionsCheckingInterval: Math.min(1_000, limits.headMs),
  }
  const app = (tls === null
    ? fastify({ ...common, http })
    : fastify({ ...common, https: { ...http, ...tls } })) as unknown as App
  app.server.maxConnections = limits.connections

  app.setValidatorCompiler(validatorCompiler)
  // Answers are typed by their schemas; to validate each of them again would only cost time.
  app.setSerializerCompiler(() => data => JSON.stringify(data))
  app.removeContentTypeParser('text/plain')
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 'not-found'))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const [name, details] = toProblem(error, clean)
    if (name === 'internal') request.log.error({ err: error }, 'a request failed')
    return sendProblem(reply, name, details)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    context.prometheus.answered(route, request.method, reply.statusCode, reply.elapsedTime / 1000)
    // The route, not the address: what stands in a query is nobody's business.
    const { method } = request
    request.log.debug({ method, route, status: reply.statusCode, duration_ms: reply.elapsedTime }, 'answered')
  })

  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    strictTransportSecurity: tls === null ? false : { maxAge: 31_536_000 },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })
  await app.register(rateLimit, { global: false })
  const refusals = app.createRateLimit({ max: limits.refusedPerMinute, timeWindow: 60_000 })
  guard(app, {
    ...options.guard,
    isStopping: () => context.stopping.aborted,
    countRefusal: async request => {
      const count = await refusals(request)
      return !count.isAllowed && count.isExceeded
    },
  })
  app.addHook(
    'onRequest',
    app.rateLimit({
      max: limits.perMinute,
      timeWindow: 60_000,
      errorResponseBuilder: () => new Refused('too-many-requests'),
    }),
  )
  await app.register(swagger, {
    openapi: describeApi(version),
    transform: jsonSchemaTransform,
    transformObject: document => withoutUnused(jsonSchemaTransformObject(document)),
  })
  await app.register(async scoped => {
    for (const routes of ROUTES) routes(scoped as unknown as App, context)
    scoped.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  })
  await app.ready()
  return app
}

/** What an error means to a client. Our own errors are for people; of anything else nothing is told. */
const toProblem = (
  error: FastifyError | Error,
  clean: (text: string) => string,
): readonly [ProblemName, Details] => {
  if (error instanceof Refused) return [error.problem, error.details]
  if (error instanceof BadInput || error instanceof NoCredential) {
    const told = (text: string): string => inFields(clean(text))
    const hint = error.hint === null ? {} : { hint: told(error.hint) }
    return [
      error instanceof NoCredential ? 'no-credential' : 'bad-input',
      { detail: told(error.message), ...hint },
    ]
  }
  if (error instanceof SocsyncError && error.exitCode === 4)
    return [
      'unavailable',
      { detail: 'another process is writing the database', hint: 'try again in a moment' },
    ]
  if ('validation' in error && error.validation !== undefined) {
    if (error.validationContext === 'params') return ['not-found', {}]
    const errors = error.validation.map(({ instancePath, message }) => ({
      place: `${error.validationContext}${instancePath.replaceAll('/', '.')}`,
      message: message ?? 'is wrong',
    }))
    return ['bad-request', { errors }]
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 413) return ['too-large', { hint: 'at most 1 MB; split the list' }]
  if (status === 415) return ['not-json', { hint: 'Content-Type: application/json' }]
  if (status === 429) return ['too-many-requests', {}]
  if (status !== undefined && status >= 400 && status < 500)
    return ['bad-request', { detail: 'the body is not JSON, or the address is not well formed' }]
  return ['internal', {}]
}
