// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const CHANNEL = 'UC4PxMN_1ESeaVOhEKlToRCg'
const folder = tempFolder()
const db = folder.file('entity.db')
let sandbox: TestSandbox
let handle = ''

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env })
/** What an export of profiles has, by its ids. */
const exported = async (...flags: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await call('export', 'profiles', '--format', 'json', ...flags)
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout).map(({ id }: { id: string }) => id)
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const list = [`youtube:${CHANNEL}`, 'instagram:one.post', 'tiktok:quiet.page', 'tiktok:gone.author']
  expect((await call('run', '--scope', 'profile', '--quiet', ...list)).code).toBe(0)
  handle = String(query(db, `select username from profiles where id = '${CHANNEL}'`)[0]?.username)
  const file = openWrite(db)
  file.exec(`update profiles set name = 'The North Pier' where id = '${CHANNEL}'`)
  file.exec(`update profiles set name = 'Twice' where network <> 'youtube'`)
  file.close()
}, 60_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('--entity takes every form of id that a list takes', () => {
  it.each([
    ['the id', () => CHANNEL],
    ['a prefix', () => `youtube:${CHANNEL}`],
    ['an address', () => `https://www.youtube.com/channel/${CHANNEL}`],
    ['an address without its scheme', () => `youtube.com/channel/${CHANNEL}`],
    ['the handle', () => `@${handle}`],
    ['the handle behind a prefix', () => `youtube:@${handle.toUpperCase()}`],
    ['the handle without its mark', () => handle],
    ['the name', () => 'The North Pier'],
    ['the name in other letters', () => 'the north pier'],
  ])('by %s', async (_, entity) => {
    expect(await exported('--entity', entity())).toEqual([CHANNEL])
  })

  it('by the name in an address of Instagram and TikTok', async () => {
    const [one = ''] = await exported('--entity', 'https://www.instagram.com/One.Post/')
    expect(query(db, `select username from profiles where id = '${one}'`)).toEqual([{ username: 'one.post' }])
    expect(await exported('--entity', one)).toEqual([one])
    expect(await exported('--network', 'tiktok', '--entity', '@Quiet.Page')).toEqual(['quiet.page'])
  })

  it('in diff and db purge, too; a profile that was not there has jobs alone', async () => {
    const diff = await call('diff', '--entity', 'The North Pier', '--json')
    expect(diff.code, diff.stderr).toBe(0)
    const purge = await call('db', 'purge', '--network', 'youtube', '--entity', `@${handle}`, '--json')
    expect(JSON.parse(purge.stdout).rows).toMatchObject({ profiles: 1 })
    const jobs = await call('export', 'jobs', '--entity', 'tiktok:gone.author', '--format', 'json')
    expect(JSON.parse(jobs.stdout)).toMatchObject([{ entity_id: 'gone.author', status: 'skipped' }])
    expect(await call('export', 'posts', '--entity', 'tiktok:gone.author')).toMatchObject({ code: 2 })
    const ofChannel = await call('export', 'jobs', '--entity', 'The North Pier', '--format', 'json')
    expect(JSON.parse(ofChannel.stdout)).toMatchObject([{ entity_id: CHANNEL }])
  })
})

describe('one that is not stored, or not alone, is refused: exit 2, nothing written', () => {
  it.each([
    ['export', ['export', 'posts']],
    ['diff', ['diff']],
    ['report', ['report']],
    ['db purge', ['db', 'purge', '--network', 'tiktok']],
  ])('%s', async (_, args) => {
    const ended = await call(...args, '--entity', 'nobody.here')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(
      /^socsync: there is no (tiktok )?profile "nobody\.here" in .*\n {2}`socsync jobs.*` lists them/,
    )
  })

  it('of another network', async () => {
    expect(
      await call('export', 'posts', '--network', 'tiktok', '--entity', `youtube:${CHANNEL}`),
    ).toMatchObject({
      code: 2,
      stdout: '',
    })
  })

  it('a name that several bear: they are named', async () => {
    const ended = await call('export', 'posts', '--entity', 'twice')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(
      /2 profiles in .* are called "twice"\n {2}name one of them: instagram:\d+, tiktok:quiet\.page/,
    )
  })
})
