import { type Running, start } from './cli.ts'
import { until } from './kill.ts'
import { startProxy } from './proxy.ts'
import type { TestSandbox } from './sandbox.ts'

export interface Held extends AsyncDisposable {
  readonly running: Running
  /** Lets the answers through, now and from now on. */
  letGo(): void
}

/**
 * Starts `socsync` with these arguments; the answer to its second call, and all that follow, do not come until it is
 * let go: what it works on it holds so long. Resolves when that call is under way, so that no transaction is.
 */
export const startHeld = async (args: readonly string[], sandbox: TestSandbox): Promise<Held> => {
  const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>()
  let answers = 0
  const proxy = await startProxy(sandbox.origin, async text => {
    answers += 1
    if (answers > 1) await isLetGo
    return text
  })
  const running = start(args, { env: proxy.environment(sandbox.env) })
  await until(running, () => answers > 1)
  return {
    running,
    letGo,
    [Symbol.asyncDispose]: async () => {
      letGo()
      running.kill('SIGKILL')
      await running.ended
      await proxy[Symbol.asyncDispose]()
    },
  }
}
