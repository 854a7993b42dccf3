import { fileURLToPath } from 'node:url'
import { PACKAGE } from '../../http/package.ts'
import { type IdInput, type ListOptions, readIds } from './ids.ts'

/** Profiles of the sandbox, of all networks. */
const FILE = fileURLToPath(new URL('examples/profiles.txt', PACKAGE))

/** The list that a run against the sandbox takes where none is given: of one network, or of all. */
export const sandboxList = async ({ network, networks }: ListOptions): Promise<IdInput> => {
  if (network === null) return { file: FILE, name: 'the built-in list' }
  const args: string[] = []
  for await (const line of readIds({ file: FILE }, { network: null, networks }))
    if (line.network === network) args.push(`${line.network}:${line.entityId}`)
  return { args }
}
