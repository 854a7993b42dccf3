import { existsSync, readFileSync } from 'node:fs'
import type { NotedCall } from './note-calls.ts'

const HOOKS = [new URL('./note-calls.ts', import.meta.url), new URL('./shift-clock.ts', import.meta.url)]

/** For a process that notes its calls in a file (`note-calls.ts`) and whose clock is set wrong (`shift-clock.ts`). */
export const watched = (calls: string, shiftMs = 0): Record<string, string> => ({
  NODE_OPTIONS: HOOKS.map(({ href }) => `--import ${href}`).join(' '),
  CALLS: calls,
  SHIFT_MS: String(shiftMs),
})

/** The calls that processes noted whose path begins so, in the order of their moments. */
export const notedCalls = (file: string, path: string): NotedCall[] => {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  // The last line of a process that was killed may be a part of one.
  const calls = lines.filter(line => line.endsWith('}')).map(line => JSON.parse(line) as NotedCall)
  return calls.filter(call => call.path.startsWith(path)).sort((a, b) => a.at - b.at)
}

/** The most calls that any window of this length holds. `moments`: ms, in order. */
export const mostWithin = (moments: readonly number[], ms: number): number => {
  let most = 0
  for (let first = 0, last = 0; last < moments.length; last++) {
    while ((moments[first] ?? 0) <= (moments[last] ?? 0) - ms) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** Waits for a condition; throws where it does not come to that. */
export const until = async (condition: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> => {
  const giveUpAt = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('it does not come to that')
    await new Promise(resume => setTimeout(resume, 50))
  }
}
