import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { openSandboxHost } from '../../sandbox/host.ts'
import { type Flags, idFlag, isOn, textFlag } from '../flags.ts'
import { onSignals } from '../signals.ts'

/** `socsync sandbox`: serves until it is told to stop. */
export const sandboxCommand = async (flags: Flags): Promise<void> => {
  const port = Number(textFlag(flags, 'port') ?? 8377)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new BadInput('--port must be a number from 0 to 65535')
  const faults = textFlag(flags, 'faults')
  const host = await openSandboxHost({
    networks,
    port,
    seed: idFlag(flags, 'seed') ?? 1,
    size: (textFlag(flags, 'size') ?? 'small') as 'small' | 'medium' | 'large',
    moving: isOn(flags, 'moving'),
    ...(faults === null ? {} : { faults }),
  })
  const exports = Object.entries(host.environment).map(([name, value]) => `export ${name}=${value}`)
  process.stdout.write(
    `# socsync sandbox on ${host.origin}; what it can do: ${host.origin}/sandbox/\n${exports.join('\n')}\n`,
  )
  using signals = onSignals('')
  await new Promise(resolve => signals.stop.addEventListener('abort', resolve))
  await host.close()
}
