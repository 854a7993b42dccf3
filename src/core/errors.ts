/**
 * Everything that can end a command, and the exit code it ends with (README, "Exit codes").
 *
 *   SocsyncError
 *   ├ BadInput            2   wrong flags, ids, config, or a file that is no database of ours
 *   ├ StoreBroken         1   the file is damaged, full, or cannot be written
 *   ├ Locked              4   another run holds it
 *   ├ Overtaken           4   another process has gone on with it
 *   ├ NoCredential        5   a network has no working credential
 *   └ OverBudget          6   the run would cost more than allowed; nothing was spent
 *
 * A `FaultError` (core/fault.ts) is what a network says of one call: it ends a task, never a command.
 * Anything else is a bug: exit 1.
 */
export class SocsyncError extends Error {
  override readonly name: string = 'SocsyncError'
  readonly exitCode: number
  /** What the user can do about it, in one line. */
  readonly hint: string | null
  constructor(message: string, exitCode: number, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = exitCode
    this.hint = options.hint ?? null
  }
}

type Details = { hint?: string; cause?: unknown }

export class BadInput extends SocsyncError {
  override readonly name = 'BadInput'
  constructor(message: string, details?: Details) {
    super(message, 2, details)
  }
}

export class StoreBroken extends SocsyncError {
  override readonly name = 'StoreBroken'
  constructor(message: string, details?: Details) {
    super(message, 1, details)
  }
}

export class Locked extends SocsyncError {
  override readonly name = 'Locked'
  constructor(message: string, details?: Details) {
    super(message, 4, details)
  }
}

/** This process stood still for longer than its lease, and another one has gone on with its work. */
export class Overtaken extends SocsyncError {
  override readonly name = 'Overtaken'
  constructor() {
    super('another process has gone on with this run while this one stood still', 4, {
      hint: '`socsync status` shows how it stands',
    })
  }
}

export class NoCredential extends SocsyncError {
  override readonly name = 'NoCredential'
  /** What of one is set already: the rest of it was forgotten, or misspelled. */
  readonly half: readonly string[]
  constructor(message: string, details?: Details & { half?: readonly string[] }) {
    super(message, 5, details)
    this.half = details?.half ?? []
  }
}

export class OverBudget extends SocsyncError {
  override readonly name = 'OverBudget'
  constructor(message: string, details?: Details) {
    super(message, 6, details)
  }
}
