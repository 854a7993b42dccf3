// @module-tag long
import { describe, expect, it } from 'vitest'
import { socsync, tempFolder } from '../../support/cli.ts'
import { perTest } from '../../support/fresh.ts'
import { startSandbox } from '../../support/sandbox.ts'
import { query } from '../../support/tables.ts'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)

/** Posts in the line "came" of a summary, and how many of them are new. */
const cameIn = (summary: string): readonly [number, number] => {
  const [, came = '0', fresh = '0'] = /came +([\d,]+) posts? \(([\d,]+) new\)/.exec(summary) ?? []
  return [Number(came.replaceAll(',', '')), Number(fresh.replaceAll(',', ''))]
}

/** Posts that take several pages, and not many. */
const isOfPages = (posts: number): boolean => posts > 60 && posts < 300

describe.each(['instagram', 'youtube', 'tiktok'])('FAULTS 134 on %s', network => {
  it('134 "came" is of this run alone, and says how much of it is new', async () => {
    const postsOf = (name: string) =>
      sandbox()
        .truth(network, name)
        .filter(({ type }) => type === 'post')
    const id = String(
      sandbox()
        .entities(network)
        .find(name => isOfPages(postsOf(name).length)),
    )
    const db = folder().file('socsync.db')
    const run = (env: Readonly<Record<string, string>> = {}) =>
      socsync(['run', '--network', network, '--db', db, id], { env: { ...sandbox().env, ...env } })
    const stored = () => Number(query(db, 'select count(*) as count from posts')[0]?.count)

    await run({ SOCSYNC_CRASH_AT: 'page.asked:3' })
    const before = stored()
    expect(before).toBeGreaterThan(0)
    const goesOn = await run()
    expect(goesOn.code).toBe(0)
    expect(cameIn(goesOn.stdout)).toEqual([stored() - before, stored() - before])

    sandbox().advance(86_400_000)
    const again = await run()
    const [came, fresh] = cameIn(again.stdout)
    expect([again.code, fresh]).toEqual([0, 0])
    expect(came).toBeLessThanOrEqual(stored())
  })
})
