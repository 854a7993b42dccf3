import { dirname, resolve } from 'node:path'
import type { Queries } from '../../core/params.ts'
import type { Network } from '../../networks/contract.ts'
import type { TransformSettings } from '../../transforms/service.ts'
import { askAll } from './all-wrong.ts'
import { type BaseUrls, readBaseUrls } from './base-urls.ts'
import { type DepositSettings, NO_DEPOSIT, readDeposit } from './deposit-config.ts'
import { type ChosenInsights, readInsights } from './insights-config.ts'
import { fieldsOf, parseJson, readTextFile, unknownKey } from './json-file.ts'
import { NO_PRIVACY, type PrivacySettings, readPrivacy } from './privacy-config.ts'
import { quote } from './quote.ts'
import { readSearches } from './search-config.ts'
import { accept, SETTINGS, type Setting, type SettingName, type Settings } from './settings.ts'
import { readTransforms } from './transform-config.ts'

export interface ConfigSources {
  /** What the command line gave, by the names of {@link SETTINGS}; a flag that was not given is undefined. */
  readonly flags: Readonly<Partial<Record<SettingName | 'config' | 'sandbox', unknown>>>
  readonly env: NodeJS.ProcessEnv
  readonly networks: readonly Pick<Network, 'name' | 'baseUrlVariable' | 'insights'>[]
}

export interface Config {
  readonly settings: Settings
  readonly baseUrls: BaseUrls
  /** Which metrics are read where the network lets choose. */
  readonly insights: ChosenInsights
  readonly transforms: readonly TransformSettings[]
  /** What is said of datasets that are to be deposited. */
  readonly deposit: DepositSettings
  /** How people stand in what is stored. */
  readonly privacy: PrivacySettings
  /** What the searches ask for that lists can name. */
  readonly searches: Queries
  /** Where each value comes from: `--db`, `SOCSYNC_DB`, the path of the config file, or `default`. */
  readonly origins: ReadonlyMap<SettingName, string>
  /** The config file that was read, or null. */
  readonly file: string | null
}

/**
 * The settings of a command: flags, then environment (an empty variable counts as none), then the config file of
 * `--config` or SOCSYNC_CONFIG, then the defaults. Throws BadInput that names flag, variable or key, and what is
 * allowed; the file's values are never shown.
 */
export const loadConfig = async ({ flags, env, networks }: ConfigSources): Promise<Config> => {
  const given = flags.config ?? (env.SOCSYNC_CONFIG || null)
  const file = typeof given === 'string' ? await readConfigFile(given, networks) : EMPTY
  const settings = askAll(
    Object.entries(SETTINGS).map(
      ([name, setting]) =>
        () =>
          [name, settle(name, setting, flags, env, file.values)] as const,
    ),
  )
  const named = typeof given === 'string' ? given : null
  // One entry for each setting, each read by its own schema.
  return {
    settings: Object.fromEntries(settings.map(([name, { value }]) => [name, value])) as Settings,
    origins: new Map(
      settings.map(([name, { from }]) => [name as SettingName, from === IN_FILE ? (named ?? '') : from]),
    ),
    file: named,
    baseUrls: readBaseUrls(env, file.baseUrls, networks),
    insights: file.insights,
    transforms: file.transforms,
    deposit: file.deposit,
    privacy: file.privacy,
    searches: file.searches,
  }
}

/** The sandbox has a file of its own, where none is named. */
const SANDBOX_DB = './sandbox.db'

/** What is said of a value of the config file until its path is known. */
const IN_FILE = 'config file'
const DEFAULT = 'default'

const settle = (
  name: string,
  setting: Setting<unknown>,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  inFile: ReadonlyMap<string, unknown>,
): { readonly value: unknown; readonly from: string } => {
  const flag = flags[name]
  const option = `--${inCase(name, '-')}`
  if (flag !== undefined) return { value: spelled(setting, flag, option), from: option }
  const variable = `SOCSYNC_${inCase(name, '_').toUpperCase()}`
  const text = env[variable]
  if (text) return { value: spelled(setting, text, variable), from: variable }
  if (inFile.has(name)) return { value: inFile.get(name), from: IN_FILE }
  if (name === 'db' && flags.sandbox === true) return { value: SANDBOX_DB, from: '--sandbox' }
  return { value: setting.fallback, from: DEFAULT }
}

/** A flag's or variable's value: text is read first, anything else is already what it means. */
const spelled = (setting: Setting<unknown>, value: unknown, place: string): unknown =>
  typeof value === 'string'
    ? accept(setting, setting.read(value), `${place} ${quote(value)}`)
    : accept(setting, value, place)

/** `limitPosts` with another mark between its words. */
export const inCase = (name: string, mark: string): string =>
  name.replace(/[A-Z]/g, letter => mark + letter.toLowerCase())

interface ConfigFile {
  readonly values: ReadonlyMap<string, unknown>
  readonly baseUrls: ReadonlyMap<string, string>
  readonly insights: ChosenInsights
  readonly transforms: readonly TransformSettings[]
  readonly deposit: DepositSettings
  readonly privacy: PrivacySettings
  readonly searches: Queries
}

const EMPTY: ConfigFile = {
  values: new Map(),
  baseUrls: new Map(),
  insights: new Map(),
  transforms: [],
  deposit: NO_DEPOSIT,
  privacy: NO_PRIVACY,
  searches: {},
}

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.keys(SETTINGS).map(name => [inCase(name, '_'), name]),
)

const readConfigFile = async (file: string, networks: ConfigSources['networks']): Promise<ConfigFile> => {
  const names = networks.map(({ name }) => name)
  const content = parseJson(await readTextFile(file, 'the config file'), `the config file ${file}`)
  // `$schema` tells an editor what may stand here (`socsync config schema`).
  const {
    base_urls: baseUrls = {},
    insights = {},
    transforms = {},
    searches = {},
    deposit,
    privacy,
    $schema: _,
    ...rest
  } = fieldsOf(content, `the config file ${file}`)
  const readKey = (key: string, value: unknown): [string, unknown] => {
    const name = NAMES.get(key)
    if (name === undefined)
      throw unknownKey(key, file, [
        ...NAMES.keys(),
        'base_urls',
        'deposit',
        'insights',
        'privacy',
        'searches',
        'transforms',
      ])
    const setting: Setting<unknown> = SETTINGS[name as SettingName]
    const accepted = accept(setting, value, `${quote(key)} in ${file}`)
    return [name, setting.path === true ? fromFolderOf(file, String(accepted)) : accepted]
  }
  const values = askAll(
    Object.entries(rest).map(
      ([key, value]) =>
        () =>
          readKey(key, value),
    ),
  )
  const addresses = Object.entries(fieldsOf(baseUrls, `"base_urls" in ${file}`)).map(
    ([network, address]): [string, string] => {
      if (!names.includes(network)) throw unknownKey(network, `base_urls of ${file}`, names)
      return [network, String(address)]
    },
  )
  return {
    values: new Map(values),
    baseUrls: new Map(addresses),
    insights: readInsights(insights, file, networks),
    transforms: readTransforms(transforms, file, names),
    deposit: deposit === undefined ? NO_DEPOSIT : readDeposit(deposit, file),
    privacy: privacy === undefined ? NO_PRIVACY : readPrivacy(privacy, file),
    searches: readSearches(searches, file),
  }
}

const fromFolderOf = (file: string, path: string): string =>
  /^[a-z]+:\/\//i.test(path) ? path : resolve(dirname(file), path)
