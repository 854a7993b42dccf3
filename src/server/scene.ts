import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { TransformState } from '../app/browse.ts'
import type { OrderBook } from '../app/orders.ts'
import type { Purse } from '../app/quota-left.ts'
import type { Settings } from '../app/settings.ts'
import type { Reader } from '../app/status.ts'
import type { Toolbox } from '../app/toolbox.ts'
import type { Network } from '../networks/contract.ts'
import type { Measures } from './measures.ts'
import type { Runner } from './runner.ts'
import type { Seldom } from './seldom.ts'
import type { TransformRunner } from './transform-runner.ts'

/** What the routes work with. */
export interface Scene {
  readonly reader: Reader
  readonly book: OrderBook
  readonly runner: Runner
  readonly transforms: TransformRunner
  /** How the transforms stand in the file. */
  readonly stored: Seldom<readonly TransformState[]>
  readonly networks: readonly Network[]
  readonly toolbox: Toolbox
  readonly settings: Settings
  readonly purses: readonly Purse[]
  readonly measures: Measures
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
export type Routes = (app: App, scene: Scene) => void
