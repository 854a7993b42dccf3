import { it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
it('tt', async () => {
  await using sandbox = await startSandbox({ networks })
  using folder = tempFolder()
  const base = ['--network', 'tiktok', '--db', folder.file('s.db'), 'swept.shelf', 'ada.bakes']
  const go = async (...a: string[]) => { sandbox.advance(60_000); const e = await socsync([...a, ...base], { env: sandbox.env }); return e.stdout }
  await go('run', '--quiet', '--scope', 'posts')
  console.log(sandbox.log.counts().tiktok)
  sandbox.log.clear()
  console.log(await go('plan', '--scope', 'all'))
  await go('run', '--quiet', '--scope', 'all')
  console.log(sandbox.log.counts().tiktok, sandbox.log.calls.filter(c => c.path.includes('video/query')).map(c => JSON.stringify(c.fields)).join('\n'))
}, 100_000)
