import { homedir } from 'node:os'
import { join } from 'node:path'
import { NoCredential } from '../core/errors.ts'
import { openHttp } from '../http/client.ts'
import { openClock } from '../http/clock.ts'
import { readProxies } from '../http/proxies.ts'
import type { Redactor } from '../http/redact.ts'
import type { Network } from '../networks/contract.ts'
import type { SandboxHost } from '../sandbox/host.ts'
import { isShared, refuseOther, secretsOfDatabase } from '../store/connect.ts'
import type { TransformSettings } from '../transforms/service.ts'
import { originOf, readTestHooks } from './config/base-urls.ts'
import { loadConfig } from './config/config.ts'
import { crashPoint } from './config/crash-point.ts'
import type { Settings } from './config/settings.ts'
import { loadCredentials } from './credentials/credentials.ts'
import { readSecret } from './credentials/environment.ts'
import { openPeople, type People } from './privacy/people.ts'
import type { Toolbox } from './toolbox.ts'

export interface ToolboxSources {
  /** Flags by the names of the settings; `sandbox` true = against the built-in sandbox. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  readonly networks: readonly Network[]
  readonly redactor: Redactor
  /** A sandbox that is already open, and stays so; null or left out = none, or one of this toolbox's own. */
  readonly sandbox?: OpenSandbox | null
  /** Told where a key of pseudonyms was made, which who stores something does; left out = nobody is told. */
  keyMade?(file: string): void
}

/** What a toolbox needs to know of a sandbox, in this process or another. */
export type OpenSandbox = Pick<SandboxHost, 'origin' | 'environment'>

/** Settings, credentials, way out and clock of this process; the sandbox in it where that is wanted. */
export const openToolbox = async (
  sources: ToolboxSources,
): Promise<Toolbox & AsyncDisposable & { readonly settings: Settings }> => {
  const { flags, networks, redactor } = sources
  const own = flags.sandbox === true ? await openOwn(networks) : null
  const sandbox = sources.sandbox ?? own
  const env = sandbox === null ? sources.env : { ...withoutCredentials(sources), ...sandbox.environment }
  try {
    const config = await loadConfig({ flags: { ...flags, sandbox: sandbox !== null }, env, networks })
    const { settings, baseUrls } = config
    const origin = sandbox === null ? originOf(baseUrls) : 'sandbox'
    // Before anything is made, or brought to this version.
    if (origin !== null && !isShared(settings.db)) await refuseOther(settings.db, origin)
    const transforms = sandbox === null ? config.transforms : await inSandbox(config.transforms, sandbox)
    const services = transforms.map(({ transform, url }) => [`transforms.${transform}`, url] as const)
    const hooks = readTestHooks(env, new Map([...baseUrls, ...services]))
    // The sandbox has its own time, and no other counts there: waiting for its limits takes none of ours.
    const clock = await openClock(sandbox?.origin ?? hooks.clock)
    const credentials = await loadCredentials({
      env,
      // The sandbox's tokens are worthless elsewhere, and real ones are not for it.
      file: sandbox === null ? settings.credentials : null,
      fallbackFile: sandbox === null ? credentialsFile(env) : null,
      networks,
    })
    for (const secret of credentials.secrets) redactor.add(secret)
    for (const secret of secretsOfDatabase(settings.db, env)) redactor.add(secret)
    const http = openHttp({ redactor, clock, proxies: readProxies(sources.env) })
    let people: Promise<People | null> | null = null
    const renewals = new Set<Promise<unknown>>()
    const close = async (): Promise<void> => {
      // A rotated token that nobody heard of would be lost for good.
      await Promise.allSettled(renewals)
      await http.close()
      await own?.close()
    }
    return {
      settings,
      http,
      clock,
      crash: crashPoint(hooks.crashAt ?? undefined),
      origin,
      // A key is made only for who stores something.
      people: () => {
        people ??= openPeople({
          db: settings.db,
          keyFile: settings.pseudonymKey,
          pseudonymise: config.privacy.pseudonymise,
          networks,
          keyMade: file => sources.keyMade?.(file),
        })
        return people
      },
      credentials: network => credentials.of(network),
      baseUrl: network => baseUrls.get(network.name) ?? null,
      insights: network => config.insights.get(network.name) ?? {},
      renew: (network, credential) => (stale, make) => {
        const renewal = credentials.renew(network, credential, stale, make).then(values => {
          for (const [key, value] of Object.entries(values)) if (isSecret(network, key)) redactor.add(value)
          return values
        })
        renewals.add(renewal)
        return renewal.finally(() => renewals.delete(renewal))
      },
      searches: config.searches,
      transforms,
      tokenOf: async ({ transform, tokenVariable }) => {
        if (tokenVariable === null) return null
        const token = await readSecret(tokenVariable, env)
        if (token === null) throw noToken(transform, tokenVariable)
        redactor.add(token)
        return token
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await own?.close()
    throw error
  }
}

/** A server, and the worlds of all networks: loaded where they are wanted alone. */
const openOwn = async (networks: readonly Network[]): Promise<SandboxHost> => {
  const { openSandboxHost } = await import('../sandbox/host.ts')
  return openSandboxHost({ networks })
}

/** The user's own transforms, asked of the sandbox and without their tokens, and one that needs no config file. */
const inSandbox = async (
  configured: readonly TransformSettings[],
  { origin }: OpenSandbox,
): Promise<readonly TransformSettings[]> => {
  const { transformUrl } = await import('../sandbox/host.ts')
  const demo = configured.some(({ transform }) => transform === DEMO.transform) ? [] : [DEMO]
  return [...configured, ...demo].map(one => ({
    ...one,
    url: transformUrl(origin, one.transform),
    tokenVariable: null,
  }))
}

const DEMO: TransformSettings = {
  transform: 'demo',
  version: '1',
  url: '',
  elements: ['posts.caption', 'media.image', 'media.video', 'profiles.bio'],
  filter: { networks: null, kinds: null, since: null },
  concurrency: 8,
  perSecond: null,
  batch: null,
  deadlineMs: 7 * 86_400_000,
  timeoutMs: 30_000,
  tokenVariable: null,
}

const noToken = (transform: string, variable: string): NoCredential =>
  new NoCredential(`the transform ${transform} has no token`, {
    hint: `set ${variable} or ${variable}_FILE, or leave "token_variable" out where it needs none`,
  })

/** The user's own tokens are not for the sandbox, and would stand in the way of its. */
const withoutCredentials = ({ env, networks }: ToolboxSources): NodeJS.ProcessEnv => {
  const mine = networks.flatMap(({ credentials }) =>
    credentials.flatMap(({ fields }) => fields.flatMap(({ variable }) => [variable, `${variable}_FILE`])),
  )
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== 'CREDENTIALS_DIRECTORY' && !mine.includes(name)),
  )
}

const isSecret = (network: Network, key: string): boolean =>
  network.credentials.some(kind => kind.fields.some(field => field.key === key && field.secret))

/** Where credentials are where no file is named, and renewed tokens go. */
export const credentialsFile = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'socsync', 'credentials.json')
