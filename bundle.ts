import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * `npm run build`: what a package starts from. A command would find and read some six hundred files before its first line, which takes
 * longer than what most of them do; here these are a few. Packages that are not named below stay as they are installed: what is native, and
 * what few commands load.
 */
const BUNDLED: readonly string[] = [
  // One of its copies finds another's SDK by a name that all of them know.
  '@opentelemetry/api',
  ...['chalk', 'commander', 'cron-parser', 'csv-stringify', 'hyparquet-writer', 'kysely'],
  ...['p-queue', 'p-retry', 'pino', 'undici', 'zod'],
  // What these bring along, and what `using` is on a Node.js that does not know it.
  ...['@oxc-project/runtime', 'eventemitter3', 'hyparquet', 'is-network-error', 'luxon', 'p-timeout'],
  ...['@pinojs/redact', 'atomic-sleep', 'on-exit-leak-free', 'pino-std-serializers', 'process-warning'],
  ...['quick-format-unescaped', 'real-require', 'safe-stable-stringify', 'sonic-boom', 'thread-stream'],
]

const FOLDER = 'dist/bundle'

/** The package that a module lies in; null = one of ours. */
const packageOf = (id: string): string | null =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll(sep, '/'))?.[1] ?? null

/** `kysely` of `kysely/migration`, `@a/b` of `@a/b/c`. */
const nameOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/**
 * Modules of Node.js, which an import gets whole, with all that they make when it is first asked for (`crypto` its web half, `http` a
 * client of web sockets): what is taken by name gets that alone.
 */
const takeBuiltins = (code: string): string =>
  code.replaceAll(
    IMPORT_OF_BUILTIN,
    (_, whole: string | undefined, names: string | undefined, from: string) => {
      const taken = [
        whole?.trim() ?? [],
        names === undefined ? [] : `{${names.replaceAll(' as ', ': ')}}`,
      ].flat()
      return taken.map(to => `const ${to} = process.getBuiltinModule("${from}");`).join('\n')
    },
  )
const IMPORT_OF_BUILTIN = /^import (?:([\w$]+))?(?:, )?(?:\{([^}]*)\})? from "(node:[\w/]+)";$/gm

const bundle = await rolldown({
  input: {
    main: 'src/cli/main.ts',
    library: 'src/library/index.ts',
    // What threads are started from lies beside what starts them, as it does in `src/server`.
    thread: 'src/server/thread.ts',
    'question-thread': 'src/server/question-thread.ts',
  },
  platform: 'node',
  // The oldest Node.js that is taken knows no `using`.
  transform: { target: 'es2024' },
  plugins: [{ name: 'builtins', renderChunk: takeBuiltins }],
  external: specifier => /^[\w@]/.test(specifier) && !BUNDLED.includes(nameOf(specifier)),
})
rmSync(FOLDER, { recursive: true, force: true })
const { output } = await bundle.write({
  dir: FOLDER,
  chunkFileNames: '[name]-[hash].js',
  // Names stay: what is reported of a bug is to be read.
  minify: { mangle: false, compress: true, codegen: true },
})
const modules = output.flatMap(chunk => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []))
const brought = [...new Set(modules.flatMap(id => packageOf(id) ?? []))].sort()

const missing = brought.filter(name => !BUNDLED.includes(name))
if (missing.length > 0) throw new Error(`bundled, and not named as such: ${missing.join(', ')}`)

/** What is handed on has its licence beside it. */
const licences = brought.map(name => {
  const folder = join('node_modules', name)
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: folder })
  if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} has no licence file`)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(join(FOLDER, 'LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`))
