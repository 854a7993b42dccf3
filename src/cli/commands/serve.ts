import { once } from 'node:events'
import { version } from '../../http/package.ts'
import { networks } from '../../networks/registry.ts'
import { openSandboxHost } from '../../sandbox/host.ts'
import { serve } from '../../server/serve.ts'
import { type Flags, idFlag, isOn, listFlag, portFlag, textFlag } from '../flags.ts'
import { openServerLog } from '../log.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { onSignals, signalCode } from '../signals.ts'
import { starter } from '../starter.ts'

/** `socsync serve`: serves until it is told to stop. */
export const serveCommand = async (flags: Flags): Promise<void> => {
  const port = portFlag(flags, 8378)
  const sandbox = isOn(flags, 'sandbox') ? await openSandboxHost({ networks, moving: true }) : null
  try {
    const serving = await serve({
      host: textFlag(flags, 'host') ?? '127.0.0.1',
      port,
      names: (textFlag(flags, 'allowHost') ?? '').split(',').filter(Boolean),
      tlsCert: textFlag(flags, 'tlsCert'),
      tlsKey: textFlag(flags, 'tlsKey'),
      behindProxy: isOn(flags, 'behindProxy'),
      runs: idFlag(flags, 'runs') ?? 2,
      transforms: listFlag(flags, 'transform') ?? [],
      flags: { ...flags, sandbox: false },
      env: process.env,
      networks,
      redactor,
      sandbox: sandbox && { origin: sandbox.origin, environment: sandbox.environment },
      version,
      starter: starter(flags),
      logger: openServerLog({ quiet: isOn(flags, 'quiet'), verbose: isOn(flags, 'verbose'), redactor }),
    })
    using signals = onSignals('\nsocsync: finishing the pages in flight; again to end at once\n')
    process.stdout.write(greet(serving, flags))
    if (!signals.stop.aborted) await once(signals.stop, 'abort')
    signals.kill.addEventListener('abort', () => serving.kill())
    await serving.stop()
    process.exitCode = signalCode(signals) ?? 0
  } finally {
    await sandbox?.close()
  }
}

/** Where to look. The link with the token is for the person at the terminal alone: elsewhere this text is a log. */
const greet = ({ origin, made, takenOver }: Awaited<ReturnType<typeof serve>>, flags: Flags): string => {
  const link = made !== null && process.stdout.isTTY ? `${origin}/#token=${made.token}` : `${origin}/`
  if (isOn(flags, 'json')) return showJson({ link, token_file: made?.file ?? null, taken_over: takenOver })
  const token = made === null ? 'the token is your own' : `its token is in ${made.file}`
  const going = takenOver === 0 ? '' : `going on with what was left: ${takenOver}\n`
  return `socsync serves at ${link}\n${token}\n${going}`
}
