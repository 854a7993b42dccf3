import { type Running, type SpawnOptions, start } from './cli.ts'
import { openTestDatabase, type TestDatabase } from './postgres.ts'
import { startSandbox, type TestSandbox } from './sandbox.ts'

/** A sandbox, a database of a server without tables, and the processes that a test has work on it; all of it ends with it. */
export interface Crew extends AsyncDisposable {
  readonly sandbox: TestSandbox
  readonly db: TestDatabase
  /** `socsync …` on the database. */
  call(args: readonly string[], env?: SpawnOptions['env']): Running
  /** `socsync worker …`, once it is there. */
  worker(args?: readonly string[], env?: SpawnOptions['env']): Promise<Running>
  /** What a query of one row and one column `n` finds; null where there is no such table yet. */
  one(sql: string): Promise<unknown>
}

export const openCrew = async (
  options: Parameters<typeof startSandbox>[0] & { readonly args?: readonly string[] } = {},
): Promise<Crew> => {
  const { args: common = [], ...world } = options
  const sandbox = await startSandbox(world)
  const db = await openTestDatabase('empty')
  const started: Running[] = []
  const call: Crew['call'] = (args, env = {}) => {
    const running = start([...args, '--db', db.url, ...common], { env: { ...sandbox.env, ...env } })
    started.push(running)
    return running
  }
  return {
    sandbox,
    db,
    call,
    worker: async (args = [], env = {}) => {
      const running = call(['worker', ...args], env)
      await eventually(async () => running.stderr().includes('worker.started'))
      return running
    },
    one: async sql => (await db.rows(sql).catch(() => []))[0]?.n ?? null,
    [Symbol.asyncDispose]: async () => {
      for (const { kill, ended } of started) {
        kill('SIGKILL')
        await ended
      }
      await db[Symbol.asyncDispose]()
      await sandbox[Symbol.asyncDispose]()
    },
  }
}

/** Waits until something holds; the limit is there for what never comes to it. */
export const eventually = async (holds: () => Promise<boolean>, ms = 120_000): Promise<void> => {
  const giveUpAt = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error('it does not come to that')
    await new Promise(resume => setTimeout(resume, 50))
  }
}
