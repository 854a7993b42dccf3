import { chmodSync, cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERROR_HINT, REASON_TEXT } from '../src/app/reports/messages.ts'
import { buildProgram } from '../src/cli/program.ts'
import * as errors from '../src/core/errors.ts'
import { ERROR_TYPE } from '../src/engine/disposition.ts'
import { networks } from '../src/networks/registry.ts'
import { BINARY, type Ended, startProgram, tempFolder } from './support/cli.ts'
import { leaves } from './support/commands.ts'
import { startSandbox, type TestSandbox } from './support/sandbox.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const README = sourceOf('README.md')
/** The README's words in code: `like this`, and all of its blocks. */
const CODE = [...README.matchAll(/```[^\n]*\n([\s\S]*?)```|`([^`\n]+)`/g)]
  .map(([, block, word]) => block ?? word)
  .join('\n')

const isDocumented = (word: string): boolean =>
  new RegExp(`(?<![\\w-])${RegExp.escape(word)}(?![\\w-])`).test(CODE)

/** The rows of the table under a heading: the words of the first column. */
const firstColumn = (heading: string): readonly string[] => {
  const section = README.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| *([^|]*?) *\|/gm)].map(([, cell = '']) => cell).slice(2)
}

describe('the README names', () => {
  const commands = leaves(buildProgram())
  const flags = commands.flatMap(({ name, command }) =>
    command.options.filter(option => !option.hidden).map(option => [name, option.long ?? ''] as const),
  )

  it.each(commands.map(({ name }) => name))('the command %s', name => {
    expect(isDocumented(name)).toBe(true)
    // `db check` may stand in the table as `db check|backup`.
    const [first = ''] = name.split(' ')
    expect(firstColumn('Commands').some(cell => cell.startsWith(`\`${first}`))).toBe(true)
  })

  it.each(flags)('the flag of %s %s', (_, flag) => {
    expect(isDocumented(flag)).toBe(true)
  })

  it('no flag that is none', () => {
    const known = new Set([...flags.map(([, flag]) => flag), '--help', '--version'])
    const named = new Set([...CODE.matchAll(/(?<=^|\s|\()--[a-z][a-z-]*/gm)].map(([flag]) => flag))
    expect([...named].filter(flag => !known.has(flag))).toEqual([])
  })

  it('every exit code, and none that is not', () => {
    const thrown = Object.values(errors)
      .filter(type => type !== errors.SocsyncError)
      .map(type => new (type as new (message: string) => errors.SocsyncError)('').exitCode)
    const returned = [
      ...sourceOf('src/app/run/outcome.ts').matchAll(/(?:return|\?|:) (\d+)\b(?=$|\s+:|\n)/gm),
    ].map(([, code]) => Number(code))
    const signals = [129, 130, 143]
    const codes = firstColumn('Exit codes').flatMap(cell => cell.split(', ').map(Number))
    const known = new Set([0, ...thrown, ...returned, ...signals])
    expect(codes.toSorted((a, b) => a - b)).toEqual([...known].toSorted((a, b) => a - b))
  })

  const variables = new Set(
    globSync('src/**/*.ts', { cwd: ROOT }).flatMap(file => {
      const text = sourceOf(file).replace(/^\s*(\/?\*|\/\/).*$/gm, '')
      return [...text.matchAll(/\bSOCSYNC_[A-Z_]*[A-Z]\b|\benv\.([A-Z_]+)\b/g)].map(
        ([all, other]) => other ?? all,
      )
    }),
  )
  it.each([...variables].sort())('the environment variable %s', name => {
    expect(isDocumented(name)).toBe(true)
  })

  it('no environment variable that is none', () => {
    const settings = /^SOCSYNC_(LIMIT_POSTS|DB|CONFIG|CREDENTIALS)$/
    const named = new Set([...README.matchAll(/\bSOCSYNC_[A-Z_]*[A-Z]\b/g)].map(([name]) => name))
    expect([...named].filter(name => !variables.has(name) && !settings.test(name))).toEqual([])
  })

  const [, list = ''] = /const REASONS = \[([\s\S]*?)\]/.exec(sourceOf('src/core/task.ts')) ?? []
  const reasons = [...list.matchAll(/'([a-z-]+)'/g)].map(([, reason = '']) => reason)
  it.each(reasons)('the reason %s', reason => {
    expect(isDocumented(reason)).toBe(true)
    expect(REASON_TEXT).toHaveProperty([reason])
  })

  it.each([...new Set([...Object.values(ERROR_TYPE), ...Object.keys(ERROR_HINT)])])(
    'the error type %s',
    type => {
      expect(isDocumented(type)).toBe(true)
    },
  )
})

describe("the README's commands run", () => {
  const folder = tempFolder()
  let sandbox: TestSandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ networks })
    cpSync(join(ROOT, 'examples'), folder.file('examples'), { recursive: true })
    writeFileSync(folder.file('profiles.txt'), 'instagram:one.post\ninstagram:albums.only\n')
    writeFileSync(folder.file('socsync'), `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`)
    chmodSync(folder.file('socsync'), 0o755)
  })
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const blocks = [...README.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  // A line of cron is run without its time and place.
  const commands = blocks.flatMap(block =>
    block.split('\n').flatMap(line => /(?:^|&& |\| |npx )(socsync [^#>]*)/.exec(line)?.[1]?.trim() ?? []),
  )
  const order = [...new Set(commands)].toSorted(
    (a, b) => Number(b.includes('--sandbox')) - Number(a.includes('--sandbox')),
  )

  it('there are some', () => {
    expect(commands.length).toBeGreaterThanOrEqual(8)
  })

  // In order: what is exported was run before.
  it.each(order)('$ %s', async command => {
    const ended = await runLine(command)
    expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(0)
  })

  /** A line as a shell runs it, in the test's folder. The sandbox serves from this process, so the wait must not block it. */
  const runLine = (line: string): Promise<Ended> => {
    const path = [folder.path, process.env.PATH].join(delimiter)
    const env = { ...sandbox.env, PATH: path, HOME: folder.path }
    return startProgram('/bin/sh', ['-c', line], { cwd: folder.path, env }).ended
  }
})
