import type { Clock } from '../core/clock.ts'
import type { Queries } from '../core/params.ts'
import type { CrashPoint } from '../core/ports.ts'
import type { Http } from '../http/http.ts'
import type { Credential, Network, OpenOptions } from '../networks/contract.ts'
import type { Origin } from '../store/admin/origin.ts'
import type { TransformSettings } from '../transforms/service.ts'
import type { People } from './privacy/people.ts'

/** What every use case works with: the way out, the time, and who may be asked. Made once per process. */
export interface Toolbox {
  readonly http: Http
  readonly clock: Clock
  readonly crash: CrashPoint
  /** Whom it asks, of whom a database holds what they tell; null = partly real networks, and partly others: that is not looked at. */
  readonly origin: Origin | null
  /** How people are stored; null = as they are. BadInput where the database has them otherwise. */
  people(): Promise<People | null>
  /** The credentials of a network; throws NoCredential, naming the variables to set, where there is none. */
  credentials(network: Network): readonly Credential[]
  /** What replaces the network's own hosts, or null. */
  baseUrl(network: Network): string | null
  /** {@link OpenOptions.insights} */
  insights(network: Network): OpenOptions['insights']
  /** {@link OpenOptions.renew} of a network's credential. */
  renew(network: Network, credential: Credential): OpenOptions['renew']
  /** What the searches of the config file ask for, by their names. */
  readonly searches: Queries
  /** Every transform that is configured; against the sandbox they are its own, and there is one more. */
  readonly transforms: readonly TransformSettings[]
  /** The bearer token of a transform, null where it has none; throws NoCredential where its variable is not set. */
  tokenOf(transform: TransformSettings): Promise<string | null>
  close(): Promise<void>
}
