import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { openQuotaPools } from '../app/cost/quota-left.ts'
import { secretVariables } from '../app/credentials/environment.ts'
import { type OpenSandbox, openToolbox } from '../app/open-toolbox.ts'
import { browseTransforms, followReader, openReader } from '../app/reports/queries.ts'
import { openRunQueue } from '../app/run/run-queue.ts'
import type { Starter } from '../app/schedule/units.ts'
import type { Toolbox } from '../app/toolbox.ts'
import { namedTransforms } from '../app/transform.ts'
import { BadInput, NoCredential } from '../core/errors.ts'
import type { Redactor } from '../http/redact.ts'
import type { Network } from '../networks/contract.ts'
import { buildServer } from './build.ts'
import { cachedRead } from './cached-read.ts'
import { openCachedReports } from './cached-reports.ts'
import type { ServerLimits } from './limits.ts'
import { OrderedTransforms } from './ordered-transforms.ts'
import { openPrometheus } from './prometheus.ts'
import { openQuestions } from './questions.ts'
import { Runner } from './runner.ts'
import type { ServerContext } from './server-context.ts'
import type { ThreadOptions } from './threads.ts'
import { findToken, tokenCheck } from './token.ts'
import { TransformRunner } from './transform-runner.ts'

export interface ServeOptions {
  readonly host: string
  /** 0 = any that is free. */
  readonly port: number
  /** Names beside those of this machine that requests may be to. */
  readonly names: readonly string[]
  readonly tlsCert: string | null
  readonly tlsKey: string | null
  readonly behindProxy: boolean
  /** Runs at once. */
  readonly runs: number
  /** The transforms of runs that do not name theirs. */
  readonly transforms: readonly string[]
  /** Settings of the runs, by the names of the settings. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  readonly networks: readonly Network[]
  readonly redactor: Redactor
  /** The sandbox that runs are against, or null: the real networks. */
  readonly sandbox: OpenSandbox | null
  readonly version: string
  /** What starts a schedule of a file. */
  readonly starter: (db: string) => Starter
  readonly logger: FastifyBaseLogger
  readonly limits?: Partial<ServerLimits>
}

export interface Serving {
  /** `http://127.0.0.1:8378` */
  readonly origin: string
  /** The token that socsync itself made, and its file; null where the user brought one. */
  readonly made: { readonly token: string; readonly file: string } | null
  /** Runs and transforms that were gone on with. */
  readonly takenOver: number
  /** Takes no new work, lets runs come to a stop that can be gone on from, and ends streams. */
  stop(): Promise<void>
  /** Cuts off the calls in flight as well. */
  kill(): void
}

/** Serves the API and the page until it is stopped. Throws BadInput before anything is opened where that were unsafe. */
export const serve = async (options: ServeOptions): Promise<Serving> => {
  const { env, networks, redactor, flags, sandbox } = options
  const token = findToken(env)
  redactor.add(token.value)
  refuseUnsafe(options, token.file === null)
  const tls = readTls(options)

  await using stack = new AsyncDisposableStack()
  const toolbox = stack.use(await openToolbox({ flags, env, networks, redactor, sandbox }))
  const { db } = toolbox.settings
  const defaultTransforms = namedTransforms(options.transforms, toolbox.transforms).map(one => one.transform)
  const queue = stack.use(await openRunQueue(db, toolbox))
  const reader = stack.use(await openReader(db))
  // On a server's database workers do what is ordered.
  const orders = queue.isShared ? [] : await queue.recover()
  const leftTransforms = queue.isShared ? [] : await queue.openTransforms()

  const stopping = new AbortController()
  const measures = openPrometheus()
  const threads: ThreadOptions = {
    task: { flags: { ...flags, sandbox: false }, sandbox },
    env,
    heard: event => measures.hear(event),
    log: options.logger,
  }
  const prices = openQuestions(threads.task, env, 'prices')
  const readings = openQuestions(threads.task, env, 'readings')
  stack.defer(async () => void (await Promise.all([prices.close(), readings.close()])))
  const runner = new Runner({ ...threads, atOnce: options.runs, queue })
  const stored = cachedRead(() => browseTransforms(reader, toolbox.transforms))
  const { clock } = toolbox
  const now = async (): Promise<number> => {
    await followReader(clock, reader)
    return clock.now()
  }
  const moved = stored.forget
  const transforms = queue.isShared
    ? new OrderedTransforms(queue, moved, now)
    : new TransformRunner({ ...threads, queue, clock, moved })
  const app = await buildServer({
    context: {
      reader,
      reports: openCachedReports(reader, now),
      prices,
      readings,
      queue,
      runner,
      transforms,
      defaultTransforms,
      stored,
      networks,
      toolbox,
      now,
      settings: toolbox.settings,
      credentialsOf: credentialsOf(options, toolbox),
      starter: queue.isShared ? null : options.starter(db),
      pools: openQuotaPools(networks, toolbox),
      prometheus: measures,
      stopping: stopping.signal,
    },
    version: options.version,
    guard: { hosts: namesOf(options), isToken: tokenCheck(token) },
    tls,
    behindProxy: options.behindProxy,
    logger: options.logger,
    clean: text => redactor.text(text.replaceAll(resolve(db), 'the database').replaceAll(db, 'the database')),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  stack.defer(() => app.close())
  const port = await listen(app, options)
  for (const order of orders) runner.add(order)
  for (const { transform } of leftTransforms) transforms.add(transform)

  const open = stack.move()
  return {
    origin: `${tls === null ? 'http' : 'https'}://${shown(options.host)}:${port}`,
    made: token.file === null ? null : { token: token.value, file: token.file },
    takenOver: orders.length + leftTransforms.length,
    stop: async () => {
      stopping.abort()
      await Promise.all([runner.stop(), transforms.stop()])
      // A client that has stopped reading must not keep the process.
      const grace = setTimeout(() => app.server.closeAllConnections(), GRACE_MS)
      await open.disposeAsync()
      clearTimeout(grace)
    },
    kill: () => {
      runner.kill()
      transforms.kill()
      app.server.closeAllConnections()
    },
  }
}

/** The credentials of a network by their names and where their secrets stand; none where it has none. */
const credentialsOf =
  ({ networks, env, sandbox }: ServeOptions, toolbox: Toolbox): ServerContext['credentialsOf'] =>
  name => {
    const network = networks.find(known => known.name === name)
    if (network === undefined) return []
    const variables = secretVariables(network, { ...env, ...sandbox?.environment })
    const place = variables.length === 0 ? 'the credentials file' : variables.join(' and ')
    try {
      return toolbox.credentials(network).map(credential => ({ name: credential.name, place }))
    } catch (error) {
      if (error instanceof NoCredential) return []
      throw error
    }
  }

/** How long answers that are under way may take when the server stops. */
const GRACE_MS = 5_000

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/

/** Beyond this machine a token of the user's own is needed, and nothing may cross the network in clear. */
const refuseUnsafe = ({ host, tlsCert, tlsKey, behindProxy }: ServeOptions, isOwnToken: boolean): void => {
  const refused = (message: string, hint: string): BadInput => new BadInput(message, { hint })
  if ((tlsCert === null) !== (tlsKey === null))
    throw refused('--tls-cert and --tls-key go together', 'give both, or neither')
  if (LOOPBACK.test(host)) return
  if (!isOwnToken)
    throw refused(
      `--host ${host} is more than this machine: a token of your own is needed`,
      'set SOCSYNC_SERVE_TOKEN or SOCSYNC_SERVE_TOKEN_FILE, such as `openssl rand -hex 32` makes',
    )
  if (tlsCert === null && !behindProxy)
    throw refused(
      `--host ${host} is more than this machine: the token would cross the network in clear`,
      'give --tls-cert and --tls-key, or --behind-proxy where a proxy speaks TLS',
    )
}

const readTls = ({ tlsCert, tlsKey }: ServeOptions): { cert: Buffer; key: Buffer } | null => {
  if (tlsCert === null || tlsKey === null) return null
  const read = (file: string, flag: string): Buffer => {
    try {
      return readFileSync(file)
    } catch (cause) {
      throw new BadInput(`${flag}: ${file} cannot be read`, { cause })
    }
  }
  return { cert: read(tlsCert, '--tls-cert'), key: read(tlsKey, '--tls-key') }
}

/** The names that requests may be to: this machine's own, the address that is listened on, and what the user adds. */
const namesOf = ({ host, names }: ServeOptions): ReadonlySet<string> =>
  new Set(['127.0.0.1', 'localhost', '[::1]', shown(host), ...names].map(name => name.toLowerCase()))

const shown = (host: string): string => (host.includes(':') ? `[${host}]` : host)

const listen = async (
  app: {
    listen(to: { host: string; port: number }): Promise<unknown>
    server: { address(): AddressInfo | string | null }
  },
  { host, port }: ServeOptions,
): Promise<number> => {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new BadInput(`${host}:${port} cannot be listened on (${code})`, {
      hint: 'name another one with --port or --host',
      cause,
    })
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
