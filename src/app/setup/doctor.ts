import { readProxies } from '../../http/proxies.ts'
import type { Redactor } from '../../http/redact.ts'
import type { Network } from '../../networks/contract.ts'
import { refuseOther } from '../../store/connect.ts'
import { originOf } from '../config/base-urls.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { openToolbox } from '../open-toolbox.ts'
import { checkAccess, checkQuota } from './access-checks.ts'
import { checkCron } from './cron-check.ts'
import { examine, type Finding } from './finding.ts'
import { checkCertificates, checkDatabase, checkDisk, checkNode, checkProxy } from './machine-checks.ts'

export interface DoctorRequest {
  /** As those of a run: `db`, `config`, `credentials`, `sandbox`. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  readonly networks: readonly Network[]
  readonly redactor: Redactor
  /** True = the networks are not asked whether the credentials work. */
  readonly offline: boolean
}

/** Looks at all that a run needs. Nothing is made, changed or brought to this version; what it asks costs what `auth status` does. */
export const examineSetUp = async (request: DoctorRequest): Promise<readonly Finding[]> => {
  const { flags, env, networks } = request
  const config = await examine('config', () => loadConfig({ flags, env, networks }))
  const proxies = await examine('proxy', () => readProxies(env))
  const findings: Finding[] = [
    checkNode(),
    'finding' in config
      ? config.finding
      : {
          subject: 'config',
          state: 'ok',
          said:
            config.value.file === null ? 'no config file: flags, variables and defaults' : config.value.file,
          remedy: null,
        },
  ]
  if ('value' in config) findings.push(...(await checkFile(config.value, flags.sandbox === true)))
  findings.push('finding' in proxies ? proxies.finding : checkProxy(proxies.value))
  findings.push(await checkCertificates(env))
  if ('value' in config && 'value' in proxies) findings.push(...(await checkWayOut(request)))
  if (flags.sandbox !== true) findings.push(...(await checkCron(networks, env)))
  // What keeps a toolbox from being opened may have been found before.
  return findings.filter(
    (one, index) => findings.findIndex(({ said }) => said === one.said) === index || one.state !== 'wrong',
  )
}

const checkFile = async (
  { settings: { db }, baseUrls }: Config,
  sandbox: boolean,
): Promise<readonly Finding[]> => {
  const origin = sandbox ? 'sandbox' : originOf(baseUrls)
  const database = await examine('database', async () => {
    if (origin !== null) await refuseOther(db, origin)
    return checkDatabase(db)
  })
  const disk = await checkDisk(db)
  return ['finding' in database ? database.finding : database.value, ...(disk === null ? [] : [disk])]
}

const checkWayOut = async ({
  flags,
  env,
  networks,
  redactor,
  offline,
}: DoctorRequest): Promise<readonly Finding[]> => {
  const opened = await examine('credentials', () => openToolbox({ flags, env, networks, redactor }))
  if ('finding' in opened) return [opened.finding]
  await using box = opened.value
  const request = { networks, settings: box.settings, env, offline }
  const access = await examine('credentials', () => checkAccess(request, box))
  const quota = await examine('quota', () => checkQuota(request, box))
  return [
    ...('finding' in access ? [access.finding] : access.value),
    ...('finding' in quota ? [quota.finding] : quota.value),
  ]
}
