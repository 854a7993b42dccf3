import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'

/** Where one of two that run side by side stands still until the other is as far as it can get. */
export interface Gate {
  /** Resolves when it stands there; false = it was through before. */
  readonly reached: Promise<boolean>
  open(): void
}

interface Standing {
  left: number
  isOpen: boolean
  readonly reach: (is: boolean) => void
  readonly opened: Promise<void>
}

const standing = new AsyncLocalStorage<Standing>()

const { query } = pg.Client.prototype
pg.Client.prototype.query = function (this: pg.Client, ...asked: unknown[]) {
  const gate = standing.getStore()
  if (gate === undefined || --gate.left > 0 || gate.isOpen) return Reflect.apply(query, this, asked)
  // Those that it asks for behind that one go behind it.
  if (gate.left === 0) gate.reach(true)
  return gate.opened.then(() => Reflect.apply(query, this, asked))
} as typeof query

/** Begins `work`, which stands still before its nth statement on its way to a PostgreSQL server. */
export const standBefore = <T>(nth: number, work: () => Promise<T>): Gate & { readonly done: Promise<T> } => {
  const reached = Promise.withResolvers<boolean>()
  const opened = Promise.withResolvers<void>()
  const gate = { left: nth, isOpen: false, reach: reached.resolve, opened: opened.promise }
  const done = standing.run(gate, work)
  const through = (): void => reached.resolve(false)
  done.then(through, through)
  const open = (): void => {
    opened.resolve()
    // Whoever waited goes first.
    void opened.promise.then(() => {
      gate.isOpen = true
    })
  }
  return { reached: reached.promise, open, done }
}
