import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Settings } from '../app/config/settings.ts'
import type { QuotaPools } from '../app/cost/quota-left.ts'
import type { TransformState } from '../app/reports/queries.ts'
import type { RunQueue } from '../app/run/run-queue.ts'
import type { Starter } from '../app/schedule/units.ts'
import type { Toolbox } from '../app/toolbox.ts'
import type { Network } from '../networks/contract.ts'
import type { Reader } from '../store/reader.ts'
import type { CachedRead } from './cached-read.ts'
import type { CachedReports } from './cached-reports.ts'
import type { PrometheusMetrics } from './prometheus.ts'
import type { AskedThread } from './questions.ts'
import type { Runner } from './runner.ts'
import type { TransformWorks } from './transform-runner.ts'

/** What the routes work with. */
export interface ServerContext {
  readonly reader: Reader
  readonly reports: CachedReports
  /** What tells the price of a run. */
  readonly prices: AskedThread
  /** What has to read much to answer. */
  readonly readings: AskedThread
  readonly queue: RunQueue
  readonly runner: Runner
  readonly transforms: TransformWorks
  /** What lands in runs that do not name their transforms is queued for these. */
  readonly defaultTransforms: readonly string[]
  /** How the transforms stand in the file. */
  readonly stored: CachedRead<readonly TransformState[]>
  readonly networks: readonly Network[]
  readonly toolbox: Toolbox
  /** Epoch ms by the clock of the runs: on a server's database by that one's, asked now. */
  readonly now: () => Promise<number>
  readonly settings: Settings
  /** The credentials of a network by name, and where the secrets of each stand. */
  credentialsOf(network: string): readonly { readonly name: string; readonly place: string }[]
  /** What starts a schedule of a file; null = workers do. */
  readonly starter: Starter | null
  readonly pools: readonly QuotaPools[]
  readonly prometheus: PrometheusMetrics
  /** Aborted when the server begins to stop: streams end. */
  readonly stopping: AbortSignal
}

/** The server with its schemas' types; over TLS or not. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** The routes of one resource. */
export type Routes = (app: App, context: ServerContext) => void
