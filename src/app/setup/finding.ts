import { SocsyncError } from '../../core/errors.ts'

/**
 * One thing that was looked at.
 *
 *   ok      as it should be
 *   note    as it may be: nothing is in the way of a run
 *   wrong   a run, or the next one from cron, comes to grief
 */
export interface Finding {
  /** `node`, `config`, `database`, `disk`, `clock`, `credentials`, `proxy`, `certificates`, `quota`, `cron` */
  readonly subject: string
  readonly state: 'ok' | 'note' | 'wrong'
  readonly said: string
  /** What mends it, as a line to be typed or written somewhere; null = nothing is to be done. */
  readonly remedy: string | null
}

export const ok = (subject: string, said: string): Finding => ({ subject, state: 'ok', said, remedy: null })
export const note = (subject: string, said: string, remedy: string | null = null): Finding => ({
  subject,
  state: 'note',
  said,
  remedy,
})
export const wrong = (subject: string, said: string, remedy: string): Finding => ({
  subject,
  state: 'wrong',
  said,
  remedy,
})

/** What is found; a refusal that any command would end with is what is wrong. */
export const examine = async <T>(
  subject: string,
  look: () => Promise<T> | T,
): Promise<{ readonly value: T } | { readonly finding: Finding }> => {
  try {
    return { value: await look() }
  } catch (error) {
    if (!(error instanceof SocsyncError)) throw error
    return { finding: wrong(subject, error.message, error.hint ?? 'see docs/settings.md') }
  }
}
