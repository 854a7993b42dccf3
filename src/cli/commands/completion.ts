import type { Command } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { wordsOf } from '../completion/words.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { manPage } from '../man-page.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

/** `socsync completion` */
export const completionCommand = async (shell: string, program: Command): Promise<void> => {
  process.stdout.write(SHELLS[shell as keyof typeof SHELLS](wordsOf(program)))
}

/** `socsync man` */
export const manCommand = async (program: Command): Promise<void> => {
  process.stdout.write(await manPage(program))
}
