import { NoCredential } from '../core/errors.ts'
import { type Fault, FaultError } from '../core/fault.ts'
import type { Ledger } from '../core/ports.ts'
import { settleAll } from '../core/settle-all.ts'
import { type CallContext, exactly } from '../core/stream.ts'
import { ERROR_TYPE } from '../engine/disposition.ts'
import { Lane } from '../engine/lane.ts'
import type { Credential, Network, OpenOptions, TokenReport } from '../networks/contract.ts'
import { isThere } from '../store/connect.ts'
import { Store } from '../store/store.ts'
import type { Toolbox } from './toolbox.ts'

export interface AuthRequest {
  /** Null = every network that has a credential. */
  readonly network: string | null
  readonly networks: readonly Network[]
  /** Its ledger is charged for what the networks count, where the file is there; null = nothing is charged. */
  readonly db: string | null
  readonly maxWaitMs: number
}

/** A credential as `socsync auth` tells it. */
export interface CredentialReport extends Omit<TokenReport, 'works'> {
  readonly network: string
  readonly credential: string
  readonly kind: string
  /** Null = not known: it could not be asked, or there was nothing to ask. */
  readonly works: boolean | null
  /** Of a refresh: false where there is nothing to renew. Null = not asked for, or refused. */
  readonly renewed: boolean | null
  /** What to set, where it is set up wrong. */
  readonly advice: string | null
  /** One of the words that `status` uses, or null. */
  readonly errorType: string | null
}

/** `socsync auth status`: asks each network about each of its credentials. */
export const inspectCredentials = (request: AuthRequest, toolbox: Toolbox) =>
  askAll(request, toolbox, async (network, options, ctx) => {
    const report = await network.tokens.inspect(options, ctx)
    return {
      ...report,
      renewed: null,
      advice: null,
      errorType: report.works ? null : ERROR_TYPE.unauthorised,
    }
  })

/** `socsync auth refresh`: renews each credential that can be renewed. */
export const refreshCredentials = (request: AuthRequest, toolbox: Toolbox) =>
  askAll(request, toolbox, async (network, options, ctx) => {
    const report = await network.tokens.refresh(options, ctx)
    return report === null
      ? { ...UNKNOWN, renewed: false }
      : { ...report, renewed: true, advice: null, errorType: null }
  })

const DEFERRED: readonly (string | null)[] = [
  ERROR_TYPE.transient,
  ERROR_TYPE['rate-limited'],
  ERROR_TYPE['quota-exhausted'],
]

const REFUSED: readonly (string | null)[] = [ERROR_TYPE.unauthorised, ERROR_TYPE.misconfigured]

/** 5 = one is refused or set up wrong; 75 = one could not be asked now; 3 = another refusal, which says nothing of the credential. */
export const exitCodeOfAuth = (reports: readonly CredentialReport[]): number => {
  const types = reports.map(({ errorType }) => errorType).filter(type => type !== null)
  if (types.some(type => REFUSED.includes(type))) return 5
  if (types.some(type => DEFERRED.includes(type))) return 75
  return types.length > 0 ? 3 : 0
}

type Answer = Omit<CredentialReport, 'network' | 'credential' | 'kind'>

const UNKNOWN: Answer = {
  works: null,
  renewed: null,
  who: null,
  permissions: null,
  expiresAt: null,
  problem: null,
  advice: null,
  errorType: null,
}

const askAll = async (
  request: AuthRequest,
  toolbox: Toolbox,
  ask: (network: Network, options: OpenOptions, ctx: CallContext) => Promise<Answer>,
): Promise<readonly CredentialReport[]> => {
  const { asked, half } = credentialsOf(request, toolbox)
  const { db } = request
  const store = db !== null && (await isThere(db)) ? await openStore(db, toolbox) : null
  try {
    const reports = await settleAll(
      asked.map(async ([network, credential]) => {
        const options = optionsOf(network, credential, toolbox)
        const ctx = contextOf(network, options, store, request.maxWaitMs)
        const answer = await ask(network, options, ctx).catch(answerOf)
        return { network: network.name, credential: credential.name, kind: credential.kind, ...answer }
      }),
    )
    return [...reports, ...half.map(halfReport)]
  } finally {
    await store?.close()
  }
}

/** A network of which something is set, and not all that lets in. */
interface HalfSet {
  readonly network: Network
  readonly error: NoCredential
}

/** Who is asked, and what is set in part. Throws NoCredential where the network that was named, or every one, has none. */
const credentialsOf = (
  { network: name, networks }: AuthRequest,
  toolbox: Toolbox,
): { readonly asked: readonly (readonly [Network, Credential])[]; readonly half: readonly HalfSet[] } => {
  const half: HalfSet[] = []
  const asked = networks
    .filter(network => name === null || network.name === name)
    .flatMap(network => {
      try {
        return toolbox.credentials(network).map(credential => [network, credential] as const)
      } catch (error) {
        if (!(error instanceof NoCredential) || name !== null) throw error
        if (error.half.length > 0) half.push({ network, error })
        return []
      }
    })
  if (asked.length + half.length > 0) return { asked, half }
  throw new NoCredential('no network has a credential', { hint: '`socsync networks` shows what each needs' })
}

const halfReport = ({ network, error }: HalfSet): CredentialReport => ({
  ...UNKNOWN,
  network: network.name,
  credential: network.name,
  kind: 'not whole',
  works: false,
  problem: error.message,
  advice: error.hint,
  errorType: ERROR_TYPE.misconfigured,
})

const openStore = (path: string, { clock, crash, origin }: Toolbox): Promise<Store> =>
  Store.open({ path, clock, crash, keepRaw: false, origin })

/** For a question beside any run: what an adapter learns here is learnt for it alone. */
export const optionsOf = (network: Network, credential: Credential, toolbox: Toolbox): OpenOptions => ({
  credential,
  baseUrl: toolbox.baseUrl(network),
  http: toolbox.http,
  clock: toolbox.clock,
  memory: { get: () => undefined, set: () => {} },
  insights: toolbox.insights(network),
  renew: toolbox.renew(network, credential),
})

/** Tries and waits as a run's calls do. A call that costs nothing is made whatever the ledger says. */
const contextOf = (
  network: Network,
  options: OpenOptions,
  store: Ledger | null,
  maxWaitMs: number,
): CallContext => {
  const ledger: Ledger = {
    charge: async entry => (entry.units === 0 ? null : ((await store?.charge(entry)) ?? null)),
    takeBack: async entry => store?.takeBack(entry),
    turn: async of => (await store?.turn(of)) ?? options.clock.now(),
    exhaust: async () => {},
    // A question about a credential is asked beside whoever uses it.
    machines: null,
  }
  const lane = new Lane({
    runId: null,
    source: network.open(options),
    concurrency: exactly(1),
    ledger,
    clock: options.clock,
    emit: () => {},
    maxWaitMs,
    random: Math.random,
  })
  return lane.context(new AbortController().signal)
}

const answerOf = (error: unknown): Answer => {
  if (!(error instanceof FaultError)) throw error
  const { fault } = error
  const advice = adviceOf(fault)
  const refused = fault.kind === 'unauthorised' || fault.kind === 'forbidden'
  return {
    ...UNKNOWN,
    works: refused || advice !== null ? false : null,
    problem: error.message,
    advice,
    errorType: errorTypeOf(fault, advice),
  }
}

/** What to set, where the refusal is about whoever asks: here nobody else is asked about. */
const adviceOf = (fault: Fault): string | null => {
  if (fault.kind === 'misconfigured') return fault.advice
  return (fault.kind === 'forbidden' || fault.kind === 'not-found') && fault.askerAdvice !== undefined
    ? fault.askerAdvice
    : null
}

const errorTypeOf = (fault: Fault, advice: string | null): string => {
  if (advice !== null) return ERROR_TYPE.misconfigured
  return fault.kind === 'forbidden' ? ERROR_TYPE.unauthorised : ERROR_TYPE[fault.kind]
}
