import type { Address } from './address.ts'
import { Session } from './session.ts'
import { TYPES } from './values.ts'

/** Connections of one kind, made when they are asked for and kept: at most so many at a time. */
export class Sessions {
  readonly #address: Address
  readonly #most: number
  readonly #setUp: string
  readonly #isOwn: boolean
  readonly #types: typeof TYPES
  readonly #idle: Session[] = []
  readonly #waiting: (() => void)[] = []
  #open = 0
  #closed = false

  /**
   * `setUp` = SQL that a new one begins with; null = a pool may stand between it and the server, which gives each transaction
   * another process there: nothing is set, and none is asked after.
   */
  constructor(address: Address, most: number, setUp: string | null, types: typeof TYPES = TYPES) {
    this.#address = address
    this.#most = most
    this.#setUp = setUp ?? ''
    this.#isOwn = setUp !== null
    this.#types = types
  }

  /** Whoever takes one gives it back. Rejects where a new one is needed and not to be had. */
  async take(): Promise<Session> {
    for (;;) {
      if (this.#closed) throw new Error(`${this.#address.name} was closed`)
      const idle = this.#idle.pop()
      if (idle !== undefined) {
        if (!idle.isLost) {
          idle.hold(true)
          return idle
        }
        this.#open--
        continue
      }
      if (this.#open < this.#most) return await this.#make()
      await new Promise<void>(resume => this.#waiting.push(resume))
    }
  }

  give(session: Session): void {
    if (session.isLost || session.inTransaction || this.#closed) {
      this.#open--
      session.end()
    } else {
      session.hold(false)
      session.failure = null
      this.#idle.push(session)
    }
    this.#waiting.shift()?.()
  }

  async with<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.take()
    try {
      return await use(session)
    } finally {
      this.give(session)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const resume of this.#waiting.splice(0)) resume()
    await Promise.all(this.#idle.splice(0).map(session => session.close()))
  }

  async #make(): Promise<Session> {
    this.#open++
    try {
      const session = await Session.open(this.#address, this.#setUp, this.#types)
      if (this.#isOwn) await session.process()
      return session
    } catch (error) {
      this.#open--
      this.#waiting.shift()?.()
      throw error
    }
  }
}
