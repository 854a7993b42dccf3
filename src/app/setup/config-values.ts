import { NoCredential } from '../../core/errors.ts'
import type { Credential, Network } from '../../networks/contract.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import { inCase, loadConfig } from '../config/config.ts'
import { length, SETTINGS, type SettingName } from '../config/settings.ts'
import { loadCredentials } from '../credentials/credentials.ts'
import { secretVariables } from '../credentials/environment.ts'
import { credentialsFile } from '../open-toolbox.ts'

/** A value with where it comes from: a flag, a variable, a file or `default`. */
export interface ConfigValue {
  /** As in the config file: `limit_posts`, `base_urls.youtube`. */
  readonly name: string
  /** As it stands in a config file; null = not set. Never a secret. */
  readonly value: unknown
  readonly from: string
}

export interface ConfigValues {
  readonly file: string | null
  readonly values: readonly ConfigValue[]
  /** Which credentials there are, by kind; nothing of what they hold. */
  readonly credentials: readonly {
    readonly network: string
    readonly credential: string
    readonly kind: string
    readonly from: string
  }[]
}

/** `socsync config show`: what a command with these flags would go by. Throws BadInput as that would. */
export const showConfig = async (
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  networks: readonly Network[],
): Promise<ConfigValues> => {
  const { settings, origins, baseUrls, insights, transforms, privacy, file } = await loadConfig({
    flags,
    env,
    networks,
  })
  const fallbackFile = credentialsFile(env)
  const named = settings.credentials
  const credentials = await loadCredentials({ env, file: named, fallbackFile, networks })
  return {
    file,
    values: [
      ...(Object.keys(SETTINGS) as SettingName[]).map(name => ({
        name: inCase(name, '_'),
        value: name === 'db' ? nameOfDatabase(settings.db) : asWritten(name, settings[name]),
        from: origins.get(name) ?? '',
      })),
      ...networks.map(({ name, baseUrlVariable }) => ({
        name: `base_urls.${name}`,
        value: baseUrls.get(name) ?? null,
        from: baseUrls.get(name) == null ? 'default' : env[baseUrlVariable] ? baseUrlVariable : (file ?? ''),
      })),
      ...[...insights].flatMap(([network, chosen]) =>
        Object.entries(chosen).map(([of, names]) => ({
          name: `insights.${network}.${of}`,
          value: names,
          from: file ?? '',
        })),
      ),
      ...transforms.map(({ transform, url }) => ({
        name: `transforms.${transform}`,
        value: url,
        from: file ?? '',
      })),
      {
        name: 'privacy.pseudonymise',
        value: privacy.pseudonymise,
        from: privacy.pseudonymise ? (file ?? '') : 'default',
      },
    ],
    credentials: networks.flatMap(network =>
      credentialsOf(() => credentials.of(network)).map(({ name, kind }) => ({
        network: network.name,
        credential: name,
        kind,
        from: secretVariables(network, env).join(', ') || (named ?? fallbackFile),
      })),
    ),
  }
}

const credentialsOf = (look: () => readonly Credential[]): readonly Credential[] => {
  try {
    return look()
  } catch (error) {
    if (error instanceof NoCredential) return []
    throw error
  }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** A length of time as it is written, `6h`; anything else as it is. */
const asWritten = (name: SettingName, value: unknown): unknown => {
  if (SETTINGS[name].allowed !== length.allowed || typeof value !== 'number') return value
  const [unit, ms] = UNITS.find(([, size]) => value % size === 0 && value > 0) ?? ['s', 1_000]
  return `${value / ms}${unit}`
}
