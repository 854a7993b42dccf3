import { NoCredential } from '../../core/errors.ts'
import type { Http } from '../../http/http.ts'
import type { Network } from '../../networks/contract.ts'
import { isThere } from '../../store/connect.ts'
import { withReaderIfCurrent } from '../../store/reader.ts'
import { type CredentialReport, inspectCredentials } from '../auth.ts'
import type { Settings } from '../config/settings.ts'
import { openQuotaPools, quotaUsed } from '../cost/quota-left.ts'
import type { Toolbox } from '../toolbox.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

export interface AccessRequest {
  readonly networks: readonly Network[]
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  /** True = nothing is asked of anybody. */
  readonly offline: boolean
}

/** The credentials, asked as a run would, and what their answers say of this machine's clock. */
export const checkAccess = async (request: AccessRequest, toolbox: Toolbox): Promise<readonly Finding[]> => {
  const { networks, settings, offline } = request
  const without = networks.flatMap(network => missing(network, request, toolbox))
  const given = networks.filter(network => !without.some(one => one.network === network))
  const findings = without.map(({ finding }) => finding)
  if (given.length === 0) return [...findings, wrong('credentials', 'no network has one', 'socsync networks')]
  if (offline) {
    const names = given.flatMap(network => toolbox.credentials(network).map(({ name }) => name))
    return [...findings, ok('credentials', `${names.join(', ')}: not asked`)]
  }
  const skews: number[] = []
  const db = (await isCurrent(settings.db)) ? settings.db : null
  const reports = await inspectCredentials(
    { network: null, networks: given, db, maxWaitMs: settings.maxWait },
    { ...toolbox, http: noting(toolbox.http, skews) },
  )
  return [...findings, ...reports.map(report => findingOf(report, toolbox.clock.now())), checkClock(skews)]
}

/** Nothing, where a network has a credential; else what is to be said of that. */
const missing = (
  network: Network,
  { env }: AccessRequest,
  toolbox: Toolbox,
): readonly { readonly network: Network; readonly finding: Finding }[] => {
  try {
    toolbox.credentials(network)
    return []
  } catch (error) {
    if (!(error instanceof NoCredential)) throw error
    const fields = network.credentials.flatMap(kind => kind.fields)
    const half = fields.some(({ variable }) => env[variable] || env[`${variable}_FILE`])
    const finding = half
      ? wrong('credentials', error.message, error.hint ?? '')
      : note('credentials', `${network.name}: none`)
    return [{ network, finding }]
  }
}

/** A person has this long to act. */
const SOON_MS = 7 * 86_400_000

const findingOf = (report: CredentialReport, now: number): Finding => {
  const { network, credential, who, works, problem, advice, expiresAt, errorType } = report
  const named = `${credential}${who === null ? '' : ` (${who})`}`
  if (errorType !== null || works === false) {
    const said = `${named}: ${problem ?? errorType ?? 'does not work'}`
    return wrong(
      'credentials',
      said,
      advice ?? REMEDY[errorType ?? ''] ?? `socsync auth status --network ${network}`,
    )
  }
  const left = expiresAt === null || expiresAt === 'never' ? null : Date.parse(expiresAt) - now
  if (left !== null && left < SOON_MS)
    return note(
      'credentials',
      `${named} works until ${expiresAt}`,
      `socsync auth refresh --network ${network}`,
    )
  return ok('credentials', `${named} works`)
}

const REMEDY: Readonly<Record<string, string>> = {
  unauthorised: 'get a new token or key: docs/credentials.md',
  network_error: 'where this machine needs a proxy: HTTPS_PROXY=http://host:port',
}

/** What the answers' `Date` says of this machine's clock: by how much it goes ahead, ms. */
const noting = (http: Http, skews: number[]): Http => ({
  send: async (request, signal) => {
    const asked = Date.now()
    const answer = await http.send(request, signal)
    const told = Date.parse(answer.headers.date ?? '')
    // The header has whole seconds.
    if (!Number.isNaN(told)) skews.push((asked + Date.now()) / 2 - (told + 500))
    return answer
  },
})

/** Days of quota, and when something is due again, go by it; a minute does no harm. */
const MOST_SKEW_MS = 2 * 60_000

const checkClock = (skews: readonly number[]): Finding => {
  const [skew] = skews.toSorted((a, b) => Math.abs(a) - Math.abs(b))
  if (skew === undefined) return note('clock', 'no network told the time')
  const seconds = Math.round(Math.abs(skew) / 1000)
  const said = `${seconds} s ${skew < 0 ? 'behind' : 'ahead of'} what the networks say`
  return Math.abs(skew) > MOST_SKEW_MS
    ? wrong('clock', `this machine's clock is ${said}`, 'sudo timedatectl set-ntp true')
    : ok('clock', 'within two minutes of what the networks say')
}

const isCurrent = async (db: string): Promise<boolean> =>
  (await isThere(db)) && withReaderIfCurrent(db, async open => open !== null)

/** Which pools are closed, by the ledger alone. */
export const checkQuota = async (
  { networks, settings }: AccessRequest,
  toolbox: Toolbox,
): Promise<readonly Finding[]> => {
  const purses = openQuotaPools(networks, toolbox)
  const names = networks.map(({ name }) => name)
  const pools = await withReaderIfCurrent(settings.db, async db =>
    db === null ? [] : quotaUsed(db, names, purses, toolbox.clock.now()),
  )
  const closed = pools.filter(({ exhausted_until }) => exhausted_until !== null)
  if (closed.length === 0) return [ok('quota', 'nothing is used up')]
  return closed.map(({ network, owner, pool, exhausted_until }) =>
    note(
      'quota',
      `${network} ${owner} ${pool} is used up until ${exhausted_until}`,
      `socsync auth quota --reopen ${network}`,
    ),
  )
}
