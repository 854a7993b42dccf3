import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

type Closable = Disposable | AsyncDisposable

/**
 * Something of its own for each test, closed after it: `const folder = perTest(tempFolder)`, and in the test
 * `folder().file('a.db')`.
 */
export const perTest = <T extends Closable>(open: () => T | Promise<T>): (() => T) => {
  const { get, begin, end } = held(open)
  beforeEach(begin)
  afterEach(end)
  return get
}

/** The same, of which all tests of a file or a `describe` have one. */
export const perFile = <T extends Closable>(open: () => T | Promise<T>): (() => T) => {
  const { get, begin, end } = held(open)
  beforeAll(begin)
  afterAll(end)
  return get
}

const held = <T extends Closable>(open: () => T | Promise<T>) => {
  let opened: T | null = null
  return {
    get: (): T => {
      if (opened === null) throw new Error('it is there only while a test runs')
      return opened
    },
    begin: async (): Promise<void> => {
      opened = await open()
    },
    end: async (): Promise<void> => {
      const closing = opened
      opened = null
      if (closing === null) return
      if (Symbol.asyncDispose in closing) await closing[Symbol.asyncDispose]()
      else closing[Symbol.dispose]()
    },
  }
}
