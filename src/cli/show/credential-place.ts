import { secretVariables } from '../../app/credentials/environment.ts'
import { networks } from '../../networks/registry.ts'

/** Where the secrets of a network stand that this process was given: of its variables only those that are set. */
export const credentialPlace = (name: string, env: NodeJS.ProcessEnv): string => {
  const network = networks.find(known => known.name === name)
  const set = network === undefined ? [] : secretVariables(network, env)
  return set.length === 0 ? 'in the credentials file' : set.join(' and ')
}
