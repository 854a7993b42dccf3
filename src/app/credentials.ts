import { existsSync } from 'node:fs'
import type { Credential } from '../networks/contract.ts'
import { type CredentialNetwork, noCredential, readEnvironment } from './credentials/environment.ts'
import { type Entry, readCredentialsFile } from './credentials/file.ts'
import { fingerprint, saveRenewed } from './credentials/renewal.ts'

export interface CredentialSources {
  readonly env: NodeJS.ProcessEnv
  /** The file that the user named (`--credentials`, SOCSYNC_CREDENTIALS), or null. */
  readonly file: string | null
  /** Where renewed tokens go when no file was named; read if it is there. Null = they live as long as the process. */
  readonly fallbackFile: string | null
  readonly networks: readonly CredentialNetwork[]
}

/** Who may be asked, of all networks. */
export interface Credentials {
  /** At least one; throws NoCredential, naming the variables to set, where there is none. */
  of(network: CredentialNetwork): readonly Credential[]
  /** Every secret that was read, also those that a renewed one replaced: for the Redactor. */
  readonly secrets: readonly string[]
  /** Keeps renewed values of a credential in the credentials file: they win over the environment from then on. */
  saveRenewed(
    network: CredentialNetwork,
    credential: Credential,
    values: Readonly<Record<string, string>>,
  ): Promise<void>
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
  const inFile =
    path !== null && (file !== null || existsSync(path))
      ? await readCredentialsFile(path, networks)
      : new Map<string, Entry[]>()
  const usable = new Map<string, readonly Credential[]>()
  const origins = new Map<string, string>()
  const secrets = new Set<string>()
  for (const network of networks) {
    const fromEnv = await readEnvironment(network, env)
    for (const { name, values } of fromEnv) origins.set(name, fingerprint(values))
    const entries = inFile.get(network.name) ?? []
    usable.set(network.name, merge(fromEnv, entries, origins))
    for (const { values } of [...fromEnv, ...entries]) noteSecrets(network, values, secrets)
  }
  return {
    of: network => {
      const credentials = usable.get(network.name) ?? []
      if (credentials.length === 0) throw noCredential(network, env)
      return credentials
    },
    secrets: [...secrets],
    saveRenewed: async (network, { name }, values) => {
      if (path === null) return
      const renews = origins.get(name) ?? null
      await saveRenewed(path, { network: network.name, name, values, renews })
    },
  }
}

/** The environment's credentials and the file's by name. Takes out of `origins` those that the file replaces. */
const merge = (
  fromEnv: readonly Credential[],
  entries: readonly Entry[],
  origins: Map<string, string>,
): readonly Credential[] => {
  const merged = new Map(fromEnv.map(credential => [credential.name, credential]))
  for (const { name, kind, values, renews } of entries) {
    const base = merged.get(name)
    if (kind !== null) {
      merged.set(name, { name, kind, values })
      origins.delete(name)
    } else if (base !== undefined && origins.get(name) === renews) {
      merged.set(name, { ...base, values: { ...base.values, ...values } })
    }
  }
  return [...merged.values()]
}

const noteSecrets = (
  network: CredentialNetwork,
  values: Readonly<Record<string, string>>,
  secrets: Set<string>,
): void => {
  for (const { key, secret } of network.credentials.flatMap(({ fields }) => fields)) {
    const value = values[key]
    if (secret && value) secrets.add(value)
  }
}
