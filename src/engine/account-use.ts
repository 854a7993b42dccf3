import type { Account, SharedLimits } from '../core/ports.ts'
import type { Caller } from '../core/stream.ts'

/** How long one waits before it asks again for an account that another process uses, ms; with jitter. */
const ASK_AGAIN_MS = 200

/**
 * A lane's use of the account behind its credential. Where the network does not count by it, or no other machine is there,
 * nothing is asked of anybody.
 */
export class AccountUse {
  readonly #of: Account | null
  readonly #machines: SharedLimits | null
  #has = false
  #taking: Promise<boolean> | null = null

  constructor({ network, account }: Pick<Caller, 'network' | 'account'>, machines: SharedLimits | null) {
    this.#machines = machines
    this.#of = machines === null || account === undefined ? null : { network, account }
  }

  /** Whether its calls may be made now. False = it must be taken first. */
  get isTaken(): boolean {
    return this.#of === null || this.#has
  }

  /** Takes it, or looks whether it may be kept. False = others use it, or it is their turn. */
  async begin(): Promise<boolean> {
    if (this.#of === null || this.#machines === null) return true
    if (this.#has) return this.#machines.keepsAccount(this.#of)
    // Calls of one lane that ask at once count as one user.
    this.#taking ??= this.#machines.takeAccount(this.#of).finally(() => {
      this.#taking = null
    })
    this.#has = await this.#taking
    return this.#has
  }

  /** Waits until its calls may be made. */
  async taken(signal: AbortSignal): Promise<void> {
    while (!this.isTaken && !(await this.begin())) {
      await this.moment()
      signal.throwIfAborted()
    }
  }

  /** Lets others have it; what is not taken need not be given back. */
  async leave(): Promise<void> {
    if (this.#of === null || this.#machines === null || !this.#has) return
    this.#has = false
    await this.#machines.leaveAccount(this.#of)
  }

  /** Real time, since other processes are waited for. */
  moment(): Promise<void> {
    return new Promise(resume => setTimeout(resume, ASK_AGAIN_MS * (1 + Math.random())))
  }
}
