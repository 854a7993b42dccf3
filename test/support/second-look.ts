import { AsyncLocalStorage } from 'node:async_hooks'
import { LOOK_AGAIN_MS } from '../../src/store/queue/worker.ts'

const meanwhile = new AsyncLocalStorage<() => Promise<void>>()

const { setTimeout: start } = globalThis
const startHere = (call: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
  const between = ms === LOOK_AGAIN_MS ? meanwhile.getStore() : undefined
  if (between === undefined) return start(call, ms, ...args)
  return start(() => void between().finally(() => call(...args)), 0)
}
globalThis.setTimeout = Object.defineProperties(
  startHere,
  Object.getOwnPropertyDescriptors(start),
) as typeof setTimeout

/**
 * Does `work` without the time between two looks at a worker that was found gone (`LOOK_AGAIN_MS`): what happens in that time is
 * `between`, and else nothing does.
 */
export const withoutPause = <T>(
  work: () => Promise<T>,
  between: () => Promise<void> = async () => {},
): Promise<T> => meanwhile.run(between, work)
