// @module-tag long
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import type { LoggedCall } from '../../src/sandbox/log.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

/** A sandbox, a database and a config file; the calls of one night after another. */
const openScene = async () => {
  const sandbox = await startSandbox({ networks })
  const folder = tempFolder()
  const db = folder.file('insights.db')
  const config = folder.file('config.json')
  const own = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
  const list = ['--network', 'instagram', '--db', db, '--config', config]
  writeFileSync(config, '{}')
  return {
    sandbox,
    db,
    own,
    choose: (insights: unknown): void =>
      writeFileSync(config, JSON.stringify({ insights: { instagram: insights } })),
    command: (name: string, ...flags: string[]) =>
      socsync([name, ...list, ...flags, own], { env: sandbox.env }),
    async night(...flags: string[]): Promise<readonly LoggedCall[]> {
      sandbox.log.clear()
      const ended = await this.command('run', '--quiet', ...flags)
      expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 })
      expect(sandbox.log.errors).toEqual([])
      return sandbox.log.calls
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const namesOf = (db: string, subject: string): unknown[] =>
  query(
    db,
    `select distinct name from metrics where subject = '${subject}' and name not like '%\\_count' escape '\\' order by name`,
  ).map(({ name }) => name)

describe('metrics of the user’s choice', () => {
  it('are read, and no others', async () => {
    await using scene = await openScene()
    scene.choose({
      account: ['reach'],
      pictures: ['saved'],
      films: ['reach'],
      reels: ['views'],
      stories: ['replies'],
    })
    await scene.night('--scope', 'posts')
    expect(namesOf(scene.db, 'profile')).toEqual(['day.reach'])
    expect(namesOf(scene.db, 'post')).toEqual(['reach', 'replies', 'saved', 'views'])
    const ofKind = query(
      scene.db,
      `select distinct posts.kind, metrics.name from metrics join posts on posts.id = metrics.subject_id
        where subject = 'post' and name not like '%\\_count' escape '\\' order by 1`,
    )
    expect(ofKind).toContainEqual({ kind: 'reel', name: 'views' })
    expect(ofKind).not.toContainEqual({ kind: 'reel', name: 'saved' })
  }, 120_000)

  it('that some posts refuse are left out of those, and read of the others', async () => {
    await using scene = await openScene()
    scene.choose({ pictures: ['reach', 'facebook_views'] })
    await scene.night('--scope', 'posts')
    const [counts] = query(
      scene.db,
      `select sum(name = 'facebook_views') as shown, sum(name = 'reach') as reached from metrics
        join posts on posts.id = metrics.subject_id where subject = 'post' and posts.kind in ('image', 'carousel')`,
    ) as [{ shown: number; reached: number }]
    expect(counts.shown).toBeGreaterThan(0)
    expect(counts.reached).toBeGreaterThan(counts.shown)
  }, 240_000)

  it('are checked before anything is asked, and shown by config show', async () => {
    await using scene = await openScene()
    scene.choose({ reels: ['impressions'] })
    const refused = await scene.command('run')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/insights\.instagram\.reels of .* must be one or more of reach, views, /)
    expect(scene.sandbox.log.calls).toEqual([])
    scene.choose({ reels: ['views'] })
    const shown = await socsync([
      'config',
      'show',
      '--json',
      '--config',
      `${scene.db.replace('insights.db', 'config.json')}`,
    ])
    expect(JSON.parse(shown.stdout).values).toContainEqual({
      name: 'insights.instagram.reels',
      value: ['views'],
      from: expect.stringContaining('config.json'),
    })
  })
})
