import { existsSync } from 'node:fs'
import { FaultError } from '../../core/fault.ts'
import type { Credential, CredentialValues, OpenOptions } from '../../networks/contract.ts'
import { type CredentialNetwork, noCredential, readEnvironment } from './environment.ts'
import { type Entry, readCredentialsFile } from './file.ts'
import { fingerprint, renewing } from './renewal.ts'

export interface CredentialSources {
  readonly env: NodeJS.ProcessEnv
  /** The file that the user named (`--credentials`, SOCSYNC_CREDENTIALS), or null. */
  readonly file: string | null
  /** Where renewed tokens go when no file was named; read if it is there. Null = they live as long as the process. */
  readonly fallbackFile: string | null
  readonly networks: readonly CredentialNetwork[]
}

type Renew = OpenOptions['renew']

/** Who may be asked, of all networks. */
export interface Credentials {
  /** At least one; throws NoCredential, naming the variables to set, where there is none. */
  of(network: CredentialNetwork): readonly Credential[]
  /** Every secret that was read, also those that a renewed one replaced: for the Redactor. */
  readonly secrets: readonly string[]
  /** Keeps renewed values of a credential in the credentials file: they win over the environment from then on. */
  renew(network: CredentialNetwork, credential: Credential, ...args: Parameters<Renew>): ReturnType<Renew>
}

/** The credentials of a network as they stand at one moment. */
interface Standing {
  readonly credentials: readonly Credential[]
  /** By name the fingerprints of what the environment gave and the file does not replace. */
  readonly origins: ReadonlyMap<string, string>
  /** Values of every layer. */
  readonly layers: readonly CredentialValues[]
}

/**
 * The credentials of environment and credentials file. An entry of the file replaces the environment's credential
 * of the same name; one that holds renewed tokens lies over it for as long as the environment keeps the token that
 * they were made from: whoever sets a new one there is heard.
 */
export const loadCredentials = async ({
  env,
  file,
  fallbackFile,
  networks,
}: CredentialSources): Promise<Credentials> => {
  const path = file ?? fallbackFile
  const readFile = async (): Promise<ReadonlyMap<string, readonly Entry[]>> =>
    path !== null && (file !== null || existsSync(path)) ? readCredentialsFile(path, networks) : new Map()
  const look = async (network: CredentialNetwork, inFile: Awaited<ReturnType<typeof readFile>>) =>
    merge(await readEnvironment(network, env), inFile.get(network.name) ?? [])

  const inFile = await readFile()
  const found = new Map<string, Standing>()
  for (const network of networks) found.set(network.name, await look(network, inFile))

  const renewInFile = (path: string, network: CredentialNetwork, name: string, ...args: Parameters<Renew>) =>
    renewing(path, async save => {
      const [stale, make] = args
      const current = async (): Promise<CredentialValues> => {
        const { credentials } = await look(network, await readFile())
        return credentials.find(credential => credential.name === name)?.values ?? stale
      }
      const isStale = (values: CredentialValues): boolean => fingerprint(values) === fingerprint(stale)
      const before = await current()
      if (!isStale(before)) return before
      const values = await make(before).catch(async error => {
        // Refused for a token that somebody renewed without waiting for the lock.
        const after = await current()
        if (isUnauthorised(error) && !isStale(after)) return after
        throw error
      })
      const renews = found.get(network.name)?.origins.get(name) ?? null
      await save({ network: network.name, name, values, renews })
      return { ...before, ...values }
    })

  return {
    of: network => {
      const { credentials = [] } = found.get(network.name) ?? {}
      if (credentials.length === 0) throw noCredential(network, env)
      return credentials
    },
    secrets: [...new Set(networks.flatMap(network => secretsOf(network, found.get(network.name))))],
    renew: async (network, { name }, stale, make) =>
      path === null
        ? { ...stale, ...(await make(stale)) }
        : await renewInFile(path, network, name, stale, make),
  }
}

const merge = (fromEnv: readonly Credential[], entries: readonly Entry[]): Standing => {
  const merged = new Map(fromEnv.map(credential => [credential.name, credential]))
  const origins = new Map(fromEnv.map(({ name, values }) => [name, fingerprint(values)]))
  for (const { name, kind, values, renews } of entries) {
    const base = merged.get(name)
    if (kind !== null) {
      merged.set(name, { name, kind, values })
      origins.delete(name)
    } else if (base !== undefined && origins.get(name) === renews) {
      merged.set(name, { ...base, values: { ...base.values, ...values } })
    }
  }
  const layers = [...fromEnv, ...entries].map(({ values }) => values)
  return { credentials: [...merged.values()], origins, layers }
}

const secretsOf = ({ credentials }: CredentialNetwork, standing: Standing | undefined): readonly string[] =>
  (standing?.layers ?? []).flatMap(values =>
    credentials.flatMap(({ fields }) =>
      fields.flatMap(({ key, secret }) => (secret && values[key] ? [values[key]] : [])),
    ),
  )

const isUnauthorised = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === 'unauthorised'
