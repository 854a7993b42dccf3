import { BadInput } from '../../core/errors.ts'

/**
 * What each of several questions answers. Where some of them throw BadInput, all that is wrong is told at once: one by one a
 * person would have to start again for each.
 */
export const askAll = <T>(questions: Iterable<() => T>): readonly T[] => {
  const answers: T[] = []
  const wrong: BadInput[] = []
  for (const ask of questions) {
    try {
      answers.push(ask())
    } catch (error) {
      if (!(error instanceof BadInput)) throw error
      wrong.push(error)
    }
  }
  const [first, ...others] = wrong
  if (first === undefined) return answers
  if (others.length === 0) throw first
  const lines = wrong.map(({ message, hint }) => `  ${message}${hint === null ? '' : ` (${hint})`}`)
  throw new BadInput(`${wrong.length} settings are wrong\n${lines.join('\n')}`)
}
