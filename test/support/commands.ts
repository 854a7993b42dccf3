import type { Command } from 'commander'

/** Every command that does something, with the names that lead to it: `export`, `db check`. */
export const leaves = (
  program: Command,
  path: readonly string[] = [],
): readonly { readonly name: string; readonly command: Command }[] =>
  program.commands.flatMap(command => {
    const way = [...path, command.name()]
    return command.commands.length === 0 ? [{ name: way.join(' '), command }] : leaves(command, way)
  })
