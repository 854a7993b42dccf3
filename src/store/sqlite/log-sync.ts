import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Brings the write-ahead log of a file to the disk from a thread of the pool, so that the one that writes goes on meanwhile. SQLite
 * itself runs with `synchronous = NORMAL`, which leaves exactly this out: https://sqlite.org/pragma.html#pragma_synchronous. One sync serves
 * all who wait for it.
 */
export class LogSync {
  readonly #database: string
  #log: number | null = null
  /** A disk that failed once may say of what was lost that it is there: https://lwn.net/Articles/752063/. */
  #failure: Error | null = null
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null
  constructor(database: string) {
    this.#database = database
  }

  /** Resolves when all that was written to the log before the call is on the disk. Throws what the system says of a disk that fails. */
  sync(): Promise<void> {
    if (this.#running === null) return this.#start()
    // What is under way may have begun before the last write.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = null
        return this.#start()
      })
    return this.#next
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => {})
    if (this.#log !== null) closeSync(this.#log)
    this.#log = null
  }

  #start(): Promise<void> {
    const running = new Promise<void>((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure
      // A log stays the same file as long as somebody has the database open.
      this.#log ??= this.#open()
      fdatasync(this.#log, error => {
        this.#failure = error
        if (error === null) resolve()
        else reject(error)
      })
    }).finally(() => {
      this.#running = null
    })
    this.#running = running
    return running
  }

  /** The log may be new: its name has to be on the disk, too. */
  #open(): number {
    const log = openSync(`${this.#database}-wal`, 'r')
    const folder = openSync(dirname(this.#database), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
    return log
  }
}
