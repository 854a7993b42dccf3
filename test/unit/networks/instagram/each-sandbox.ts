import { expect } from 'vitest'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import { openInstagramSandbox } from '../../../../src/networks/instagram/sandbox.ts'
import { perTest } from '../../../support/fresh.ts'
import { startSandbox } from '../../../support/sandbox.ts'
import { openMemory } from './harness.ts'

/** A sandbox of Instagram, a memory, and what to open the adapter with, anew for each test of a file; the sandbox must meet no error of its own. */
export const eachSandbox = () =>
  perTest(async () => {
    const sandbox = await startSandbox({ openers: { instagram: openInstagramSandbox } })
    const http = openHttp({ redactor: new Redactor(), clock: sandbox.clock })
    const memory = openMemory()
    return {
      sandbox,
      memory,
      openWith: { baseUrl: sandbox.origin, http, clock: sandbox.clock, memory },
      [Symbol.asyncDispose]: async () => {
        await http.close()
        await sandbox.close()
        expect(sandbox.log.errors).toEqual([])
      },
    }
  })
