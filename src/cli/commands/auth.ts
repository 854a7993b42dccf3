import {
  type AuthRequest,
  type CredentialReport,
  exitCodeOfAuth,
  inspectCredentials,
  refreshCredentials,
} from '../../app/auth.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import type { Toolbox } from '../../app/toolbox.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, networkFlag } from '../flags.ts'
import { redactor } from '../redactor.ts'
import { credentialsJson, showCredentials } from '../show/auth.ts'
import { showJson } from '../show/json.ts'
import { paint } from '../show/text.ts'

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
    process.stdout.write(redactor.text(text))
    process.exitCode = exitCodeOfAuth(reports)
  }

/** `socsync auth status` */
export const authStatusCommand = auth(inspectCredentials)

/** `socsync auth refresh` */
export const authRefreshCommand = auth(refreshCredentials)
