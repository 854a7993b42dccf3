import { type Flags, isOn } from '../flags.ts'
import { showJson } from '../show/json.ts'

/** `socsync version` */
export const versionCommand = async (flags: Flags, version: string): Promise<void> => {
  const { node, openssl } = process.versions
  const { platform, arch } = process
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson({ version, node, openssl, platform, arch })
      : `socsync ${version}, Node.js ${node}, ${platform} ${arch}\n`,
  )
}
