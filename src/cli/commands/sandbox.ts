import { networks } from '../../networks/registry.ts'
import { openSandboxHost } from '../../sandbox/host.ts'
import { type Flags, idFlag, isOn, portFlag, textFlag } from '../flags.ts'
import { onSignals } from '../signals.ts'

/** `socsync sandbox`: serves until it is told to stop. */
export const sandboxCommand = async (flags: Flags): Promise<void> => {
  const port = portFlag(flags, 8377)
  const faults = textFlag(flags, 'faults')
  const host = await openSandboxHost({
    networks,
    port,
    seed: idFlag(flags, 'seed') ?? 1,
    size: (textFlag(flags, 'size') ?? 'small') as 'small' | 'medium' | 'large',
    moving: isOn(flags, 'moving'),
    ...(faults === null ? {} : { faults }),
  })
  // Whoever reads the address may end it at once.
  using signals = onSignals('')
  const exports = Object.entries(host.environment).map(([name, value]) => `export ${name}=${value}`)
  process.stdout.write(
    `# socsync sandbox on ${host.origin}; what it can do: ${host.origin}/sandbox/\n${exports.join('\n')}\n`,
  )
  await new Promise(resolve => signals.stop.addEventListener('abort', resolve))
  await host.close()
}
