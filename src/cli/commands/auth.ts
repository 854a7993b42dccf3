import {
  type AuthRequest,
  type CredentialReport,
  exitCodeOfAuth,
  inspectCredentials,
  refreshCredentials,
} from '../../app/auth.ts'
import { oneOf } from '../../app/config/one-of.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { reopenQuota, showLedger } from '../../app/quota.ts'
import type { Toolbox } from '../../app/toolbox.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, networkFlag, textFlag } from '../flags.ts'
import { redactor } from '../redactor.ts'
import { credentialsJson, showCredentials, showLedgerPools, showReopened } from '../show/auth.ts'
import { showJson } from '../show/json.ts'
import { fitted, paint } from '../show/text.ts'

type Ask = (request: AuthRequest, toolbox: Toolbox) => Promise<readonly CredentialReport[]>

const auth =
  (ask: Ask) =>
  async (flags: Flags): Promise<void> => {
    const network = networkFlag(flags)
    await using box = await openToolbox({ flags, env: process.env, networks, redactor })
    const { db, maxWait } = box.settings
    const reports = await ask({ network, networks, db, maxWaitMs: maxWait }, box)
    const text = isOn(flags, 'json')
      ? showJson({ credentials: reports.map(credentialsJson) })
      : showCredentials(reports, box.clock.now(), paint(process.stdout, flags.color !== false))
    process.stdout.write(fitted(redactor.text(text), process.stdout, 4))
    process.exitCode = exitCodeOfAuth(reports)
  }

/** `socsync auth status` */
export const authStatusCommand = auth(inspectCredentials)

/** `socsync auth refresh` */
export const authRefreshCommand = auth(refreshCredentials)

/** `socsync auth quota` */
export const authQuotaCommand = async (flags: Flags): Promise<void> => {
  const network = networkFlag(flags)
  const closed = reopenFlag(flags)
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  const { db } = box.settings
  const reopened = closed === null ? null : await reopenQuota(db, closed)
  const pools = await showLedger({ db, networks, network: network ?? closed }, box)
  const text = isOn(flags, 'json')
    ? showJson({ quota: pools, ...(reopened !== null && { reopened }) })
    : `${closed === null || reopened === null ? '' : showReopened(closed, reopened)}${showLedgerPools(pools, paint(process.stdout, flags.color !== false))}`
  process.stdout.write(fitted(redactor.text(text), process.stdout, 4))
}

const reopenFlag = (flags: Flags): string | null => {
  const text = textFlag(flags, 'reopen')
  return text === null
    ? null
    : oneOf(
        text,
        networks.map(({ name }) => name),
        '--reopen',
      )
}
