import type { ChalkInstance } from 'chalk'
import type { CredentialReport } from '../../app/auth.ts'
import type { QuotaUsed } from '../../app/cost/quota-left.ts'
import type { Reopened } from '../../store/maintenance.ts'
import { pasted } from '../pasted.ts'
import { counted, duration, moment, number, printable, table } from './text.ts'

/** A few lines for each credential: does it work, who it is, what it may do, until when. */
export const showCredentials = (
  reports: readonly CredentialReport[],
  now: number,
  paint: ChalkInstance,
): string => reports.map(report => `${showOne(report, now, paint)}\n`).join('\n')

const showOne = (report: CredentialReport, now: number, paint: ChalkInstance): string => {
  const { credential, kind, renewed, who, permissions, problem, advice } = report
  const told = renewed !== false && problem === null
  const rows = [
    ['  who', who],
    ['  list as', ownIdsOf(report).join(' or ')],
    ['  permissions', permissions === null ? null : permissions.join(', ') || 'none'],
    ['  expires', told ? endOf(report, now) : null],
    ['  problem', problem],
    ['  set', advice],
  ].flatMap(([label, text]) => (label && text ? [[label, printable(text)]] : []))
  const head = `${paint.bold(credential)} ${paint.dim(`(${kind})`)} ${stateOf(report, paint)}`
  return [head, ...(rows.length > 0 ? [table(rows)] : [])].join('\n')
}

const stateOf = ({ works, renewed, errorType }: CredentialReport, paint: ChalkInstance): string => {
  if (errorType === 'misconfigured') return paint.red('is set up wrong')
  if (works === false) return paint.red('does not work')
  if (errorType !== null) return paint.yellow(`not known: ${errorType}`)
  if (renewed === null) return paint.green('works')
  return renewed ? paint.green('renewed') : paint.dim('nothing to renew')
}

const endOf = ({ expiresAt }: CredentialReport, now: number): string => {
  if (expiresAt === null) return 'not known'
  if (expiresAt === 'never') return 'never'
  const left = Date.parse(expiresAt) - now
  return `${moment(expiresAt)}, ${left > 0 ? `in ${lengthOf(left)}` : 'which is past'}`
}

const DAY = 86_400_000

const lengthOf = (ms: number): string => (ms < 2 * DAY ? duration(ms) : `${Math.floor(ms / DAY)} days`)

/** What may be put into a list for the accounts behind a credential. */
const ownIdsOf = ({ ownId, ownIds }: CredentialReport): readonly string[] =>
  ownIds ?? (ownId === undefined ? [] : [ownId])

/** The same for programs. */
export const credentialsJson = (report: CredentialReport) => ({
  network: report.network,
  credential: report.credential,
  kind: report.kind,
  works: report.works,
  ...(report.renewed !== null && { renewed: report.renewed }),
  who: report.who,
  own_id: report.ownId ?? null,
  own_ids: ownIdsOf(report),
  permissions: report.permissions,
  expires_at: report.expiresAt,
  error_type: report.errorType,
  problem: report.problem,
  advice: report.advice,
})

/** The ledger: what was used of what, when it counts anew, and what is closed. */
export const showLedgerPools = (pools: readonly QuotaUsed[], paint: ChalkInstance): string => {
  if (pools.length === 0) return 'nothing was charged yet\n'
  const rows = pools.map(pool => [
    paint.bold(pool.network),
    printable(pool.owner),
    printable(pool.pool),
    pool.used,
    `${pool.allowance === null ? 'used' : `of ${number(pool.allowance)} used`} since ${moment(pool.window_start)}`,
    pool.resets_at === null ? '' : `resets ${moment(pool.resets_at)}`,
    pool.exhausted_until === null
      ? ''
      : paint.yellow(
          `${pool.refused_as === 'rate-limited' ? 'closed' : 'used up'} until ${moment(pool.exhausted_until)}`,
        ),
  ])
  return `${table(rows)}\n`
}

export const showReopened = (network: string, { pools, jobs }: Reopened): string =>
  pools + jobs === 0
    ? `nothing of ${network} was closed\n`
    : `${network} is open again: ${counted(pools, 'pool')}; ${counted(jobs, 'job')} need not wait any more\n${pasted('socsync resume --all')}\n`
