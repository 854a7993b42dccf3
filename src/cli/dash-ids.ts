import type { Command, Option } from 'commander'

/**
 * The command line with ids that begin with a dash (`-000AbC…` of TikTok) behind `--`, where none is taken for a flag.
 * What the network that is named does not take for an id stays a flag, be it mistyped.
 */
export const withDashIds = async (argv: readonly string[], program: Command): Promise<readonly string[]> => {
  const [node = '', script = '', name = '', ...args] = argv
  const command = program.commands.find(one => one.name() === name)
  const takesIds = command?.options.some(({ long }) => long === '--ids') ?? false
  if (command === undefined || !takesIds || !args.some(isSingleDashed)) return argv
  const { networks } = await import('../networks/registry.ts')
  const network = networks.find(known => known.name === networkIn(args))
  const isId = (word: string): boolean => isSingleDashed(word) && network?.parseId(word) != null
  return args.some(isId) ? [node, script, name, ...idsLast(args, command.options, isId)] : argv
}

const isSingleDashed = (word: string): boolean => /^-[^-]/.test(word)

const networkIn = (args: readonly string[]): string | undefined => {
  const at = args.findIndex(arg => /^--network(=|$)/.test(arg))
  return args[at]?.split('=')[1] ?? args[at + 1]
}

/** Flags with their values first, then `--`, then all else in its order. */
const idsLast = (
  args: readonly string[],
  options: readonly Option[],
  isId: (word: string) => boolean,
): readonly string[] => {
  const flags: string[] = []
  const others: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      others.push(...args.slice(at + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-' || isId(arg)) {
      others.push(arg)
      continue
    }
    flags.push(arg)
    const takesValue = options.some(
      ({ required, short, long }) => required && (arg === long || arg === short),
    )
    if (takesValue && at + 1 < args.length) flags.push(args[++at] ?? '')
  }
  return [...flags, '--', ...others]
}
