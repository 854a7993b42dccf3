import { describe, expect, it } from 'vitest'
import { withDashIds } from '../../../src/cli/dash-ids.ts'
import { buildProgram } from '../../../src/cli/program.ts'

const OPEN_ID = '-000AbCdEfGhIjKlMnOpQrStUvWxYz0123456'
const TIKTOK = ['--network', 'tiktok']

/** What `run` is given, or how it refuses. */
const parse = async (...args: readonly string[]) => {
  const program = buildProgram()
  for (const command of program.commands) command.configureOutput({ writeErr: () => {} })
  const run = program.commands.find(command => command.name() === 'run')
  let given: { readonly ids: readonly string[]; readonly network: unknown } | null = null
  run?.hook('preAction', (_, command) => {
    given = { ids: command.args, network: command.opts().network }
    throw new Error('parsed')
  })
  const argv = await withDashIds(['node', 'socsync', 'run', ...args], program)
  const error: unknown = await program.parseAsync(argv).catch((thrown: unknown) => thrown)
  return given ?? (error as Error).message
}

describe('an id that begins with a dash is an id', () => {
  it.each([
    ['alone', [...TIKTOK, OPEN_ID], [OPEN_ID]],
    ['before its network', [OPEN_ID, '--network=tiktok'], [OPEN_ID]],
    ['among others, in their order', ['ada', ...TIKTOK, OPEN_ID, '--quiet', 'kit'], ['ada', OPEN_ID, 'kit']],
    ['behind --', [...TIKTOK, '--', OPEN_ID], [OPEN_ID]],
    ['before and behind --', [...TIKTOK, OPEN_ID, '--', '-x'], [OPEN_ID, '-x']],
  ])('%s', async (_, args, ids) => {
    expect(await parse(...args)).toEqual({ ids, network: 'tiktok' })
  })

  it('behind -- right after the command', async () => {
    expect(await parse('--', OPEN_ID)).toMatchObject({ ids: [OPEN_ID] })
  })

  it.each([
    ['a mistyped flag', ['--netwrok', 'tiktok', OPEN_ID], '--netwrok'],
    ['a letter', [...TIKTOK, '-x'], '-x'],
    ['a flag with one dash', [...TIKTOK, '-scope', 'posts'], '-scope'],
    ['what another network takes', ['--network', 'youtube', OPEN_ID], OPEN_ID],
  ])('and %s is none', async (_, args, named) => {
    expect(await parse(...args)).toContain(`unknown option '${named}'`)
  })
})
