import type { ChalkInstance } from 'chalk'
import type { CredentialReport } from '../../app/auth.ts'
import { duration, moment, printable, table } from './text.ts'

/** A few lines for each credential: does it work, who it is, what it may do, until when. */
export const showCredentials = (
  reports: readonly CredentialReport[],
  now: number,
  paint: ChalkInstance,
): string => reports.map(report => `${showOne(report, now, paint)}\n`).join('\n')

const showOne = (report: CredentialReport, now: number, paint: ChalkInstance): string => {
  const { credential, kind, renewed, who, permissions, problem } = report
  const told = renewed !== false && problem === null
  const rows = [
    ['  who', who],
    ['  permissions', permissions === null ? null : permissions.join(', ') || 'none'],
    ['  expires', told ? endOf(report, now) : null],
    ['  problem', problem],
  ].flatMap(([label, text]) => (label && text ? [[label, printable(text)]] : []))
  const head = `${paint.bold(credential)} ${paint.dim(`(${kind})`)} ${stateOf(report, paint)}`
  return [head, ...(rows.length > 0 ? [table(rows)] : [])].join('\n')
}

const stateOf = ({ works, renewed, errorType }: CredentialReport, paint: ChalkInstance): string => {
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

/** The same for programs. */
export const credentialsJson = (report: CredentialReport) => ({
  network: report.network,
  credential: report.credential,
  kind: report.kind,
  works: report.works,
  ...(report.renewed !== null && { renewed: report.renewed }),
  who: report.who,
  permissions: report.permissions,
  expires_at: report.expiresAt,
  error_type: report.errorType,
  problem: report.problem,
})
