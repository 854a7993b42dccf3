import { it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

it('tt', async () => {
  await using sandbox = await startSandbox({ networks })
  using folder = tempFolder()
  const db = folder.file('s.db')
  const base = ['--network', 'tiktok', '--db', db, 'swept.shelf', 'ada.bakes']
  const go = async (...a: string[]) => {
    sandbox.advance(60_000)
    const e = await socsync([...a, ...base], { env: sandbox.env })
    return e.stdout
  }
  await go('run', '--quiet', '--scope', 'posts')
  await go('run', '--quiet', '--scope', 'all')
  console.log(sandbox.log.counts().tiktok)
  sandbox.advance(86_400_000)
  console.log(await go('plan', '--scope', 'all'))
  console.log(
    query(
      db,
      `select id, profile_id, created_at, comments_count, comments_declared, comments_synced_at, comments_reason from posts where created_at > '2026-09-15' and (comments_synced_at is null or comments_count is not comments_declared or created_at > '2026-09-28')`,
    ),
  )
  sandbox.log.clear()
  await go('run', '--quiet', '--scope', 'all')
  console.log(sandbox.log.counts().tiktok)
}, 100_000)
