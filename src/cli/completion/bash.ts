import { type CommandWords, pathsPattern, type Values } from './words.ts'

/** A script for bash 4 and newer: to be sourced, or kept in `bash-completion/completions/socsync`. */
export const bashCompletion = (commands: readonly CommandWords[]): string =>
  `# bash completion of socsync, made by: socsync completion bash
_socsync() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word words= i
  # bash takes --flag=value for three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
      ${pathsPattern(commands)}) path="\${path:+$path }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${commands.map(wordCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  return 0
}
complete -o default -F _socsync socsync
`

const valueCases = ({ path, flags }: CommandWords): readonly string[] =>
  flags.flatMap(({ long, values }) =>
    values === undefined ? [] : [`    '${path} ${long}') ${reply(values)}; return 0 ;;`],
  )

const reply = (values: Values): string => {
  if (values === null) return 'compopt +o default 2> /dev/null'
  return `COMPREPLY=($(compgen ${values === 'file' ? '-f' : `-W '${values.join(' ')}'`} -- "$cur"))`
}

const wordCase = ({ path, commands, flags, argument }: CommandWords): string => {
  const names = commands.map(({ name }) => name).join(' ')
  const longs = flags.map(({ long }) => long).join(' ')
  const words = Array.isArray(argument) ? argument.join(' ') : names
  return `    '${path}') if [[ $cur == -* ]]; then words='${longs}'; else words='${words}'; fi ;;`
}
