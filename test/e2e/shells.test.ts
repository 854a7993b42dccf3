// @module-tag long
import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { socsync, startProgram, tempFolder } from '../support/cli.ts'
import { leaves } from '../support/commands.ts'

const folder = tempFolder()
const scripts: Record<string, string> = {}

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await socsync(['completion', shell])
    expect(code).toBe(0)
    scripts[shell] = stdout
    writeFileSync(folder.file(shell), stdout)
  }
}, 60_000)
afterAll(() => folder[Symbol.dispose]())

const isThere = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some(path => existsSync(`${path}/${program}`))

describe.skipIf(!isThere('bash'))('completion in a real bash', () => {
  /** What bash would offer for the last of these words. */
  const offered = async (...words: readonly string[]): Promise<readonly string[]> => {
    const script = `source '${folder.file('bash')}'
      COMP_WORDS=(socsync "$@"); COMP_CWORD=$#; _socsync 2> "$0.errors"; printf '%s\\n' "\${COMPREPLY[@]}"; cat "$0.errors"`
    const { stdout, code, stderr } = await startProgram('bash', ['-c', script, folder.file('out'), ...words])
      .ended
    expect(code, stderr).toBe(0)
    return stdout.split('\n').filter(word => word !== '')
  }

  it.each([
    ['a command', ['stat'], ['status']],
    ['a command of a command', ['db', 'pr'], ['prune']],
    ['a flag', ['run', '--sc'], ['--scope']],
    ['a flag of a command of a command', ['db', 'prune', '--ol'], ['--older-than']],
    ['the value of a flag', ['run', '--scope', 'pro'], ['profile']],
    ['a value behind =', ['run', '--scope', '=', 'comm'], ['comments']],
    ['every value', ['plan', '--network', ''], ['instagram', 'youtube', 'tiktok']],
    ['choices', ['sandbox', '--size', ''], ['small', 'medium', 'large']],
    ['words that stand in the name of a value', ['resume', '--raw', ''], ['pages', 'off']],
    ['an argument', ['export', 'eng'], ['engagement']],
    ['a value that looks like a command', ['run', '--network', 'youtube', '--repl'], ['--replies']],
    ['nothing, where nothing is known', ['run', '--limit-posts', ''], []],
  ])('%s', async (_, words, expected) => {
    expect(await offered(...words)).toEqual(expected)
  })

  it('a file', async () => {
    writeFileSync(folder.file('profiles.txt'), '')
    const [found] = await offered('run', '--ids', folder.file('prof'))
    expect(found).toBe(folder.file('profiles.txt'))
  })
})

describe('every shell is told every command and flag', () => {
  it.each(['bash', 'zsh', 'fish'])('%s', shell => {
    for (const { name, command } of leaves(buildProgram())) {
      expect(scripts[shell]).toContain(`'${name.replaceAll("'", "\\'")}`.slice(shell === 'fish' ? 1 : 0))
      for (const { long, hidden } of command.options)
        if (!hidden) expect(scripts[shell]).toContain(shell === 'fish' ? `-l ${long?.slice(2)} ` : long)
    }
  })

  it.each([
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('%s can read its script, where there is one', async (shell, flags) => {
    if (!isThere(shell)) return
    const { code, stderr } = await startProgram(shell, [...flags, folder.file(shell)]).ended
    expect(code, stderr).toBe(0)
  })

  it('another shell is refused', async () => {
    const { code, stderr } = await socsync(['completion', 'csh'])
    expect(code).toBe(2)
    expect(stderr).toContain('bash, zsh, fish')
  })
})

describe('the manual page', () => {
  it.skipIf(!isThere('groff'))(
    'is read by groff without a warning, and names every command and flag',
    async () => {
      const { code, stdout } = await socsync(['man'])
      expect(code).toBe(0)
      writeFileSync(folder.file('socsync.1'), stdout)
      const read = await startProgram(
        'groff',
        ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n', folder.file('socsync.1')],
        { env: { LC_ALL: 'C.UTF-8' } },
      ).ended
      expect(read.code).toBe(0)
      expect(read.stderr).toBe('')
      for (const { name, command } of leaves(buildProgram())) {
        expect(read.stdout).toContain(`socsync ${name}`)
        for (const { long, hidden } of command.options) if (!hidden) expect(read.stdout).toContain(long)
      }
      for (const heading of ['NAME', 'SYNOPSIS', 'COMMANDS', 'EXIT STATUS', 'FILES'])
        expect(read.stdout).toMatch(new RegExp(`^${heading}$`, 'm'))
    },
  )
})

describe('the version', () => {
  it('for people and for programs', async () => {
    const { stdout: line } = await socsync(['--version'])
    const version = line.trim()
    expect((await socsync(['version'])).stdout).toMatch(
      `socsync ${version}, Node.js ${process.versions.node}, `,
    )
    expect(JSON.parse((await socsync(['version', '--json'])).stdout)).toMatchObject({
      schema: 1,
      version,
      node: process.versions.node,
    })
  })
})
