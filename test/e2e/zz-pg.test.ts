import { expect, test } from 'vitest'
import { socsync } from '../support/cli.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { startSandbox } from '../support/sandbox.ts'

test('a run on PostgreSQL', async () => {
  await using sandbox = await startSandbox()
  await using db = await openTestDatabase('empty')
  const ran = await socsync(['run', '--network', 'instagram', '--db', db.url, '--quiet', 'lena.bergmann'], {
    env: sandbox.env,
  })
  console.log(ran.code, ran.stdout.slice(0, 2000), ran.stderr.slice(0, 3000))
  console.log(
    await db.rows('select status, count(*) from sync_jobs group by 1'),
    await db.rows('select count(*) from comments'),
  )
}, 120000)
