import { expect, it } from 'vitest'
import { startProgram } from '../../../support/cli.ts'
import { perTest } from '../../../support/fresh.ts'
import { openTestDatabase } from '../../../support/postgres.ts'

const there = perTest(openTestDatabase)

const PROGRAM = `
  import { PostgresDatabase } from '${new URL('../../../../src/store/postgres/database.ts', import.meta.url)}'
  const url = process.env.PLACE
  const database = await PostgresDatabase.open(url)
  const held = await database.hold('a name')
  await database.write(({ db }) => db.deleteFrom('paces').execute())
  await database.changeSchema(async () => {})
  await held[Symbol.asyncDispose]()
  await database.close()
  const reader = await PostgresDatabase.openReader(url)
  await reader.now()
  await reader.close()
  console.log(process.getActiveResourcesInfo().filter(name => /Timeout/.test(name)).join())`

it('what was closed leaves no timer for which the process would wait', async () => {
  const args = ['--input-type=module', '--eval', PROGRAM]
  const { stdout, stderr, code } = await startProgram(process.execPath, args, { env: { PLACE: there().url } })
    .ended
  expect({ stdout, stderr, code }).toEqual({ stdout: '\n', stderr: '', code: 0 })
})
