import { describe, expect, test } from 'vitest'
import { DAY, open } from './open.ts'

describe('batch compliance', () => {
  const upload = (category: string, ids: readonly string[]): [string, Record<string, string>] => {
    const part = (name: string, value: string) =>
      `--b0undary\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${value}\r\n`
    const file = part('"file_data"; filename="ids.txt"', `${ids.join('\n')}\n`)
    return [
      `${file}${part('"category"', category)}--b0undary--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=b0undary' },
    ]
  }
  const CREATE = '/v2/research/validation_task/create/'

  test('gives back the ids that are still there', async () => {
    const world = open()
    const up = world.posts('swept.shelf').map(({ id }) => id)
    const comments = world
      .comments('ada.bakes')
      .slice(0, 5)
      .map(({ id }) => id)
    const bogus = ['7391112223334445556', '12', 'x']
    for (const [category, ids] of [
      ['video', up],
      ['comment', comments],
    ] as const) {
      const { data, error } = await world.ask(CREATE, ...upload(category, [...ids, ...bogus]))
      expect(data.task_id).toMatch(/^\d{20}$/)
      expect(error.http_status_code).toBe(200)
      const get = (path: string) => world.ask(`/v2/research/${path}/`, `{"task_id":${data.task_id}}`)
      expect((await get('validation_task_status/get')).data.task_status).toBe('Processing')
      expect((await get('validation_task/download')).status).toBe(400)
      world.advance(3_000)
      expect((await get('validation_task_status/get')).data.task_status).toBe('Completed')
      const file = await get('validation_task/download')
      expect(file.headers?.['content-type']).toContain('text/plain')
      expect(file.body).toBe(ids.map(id => `${id}\n`).join(''))
    }
  })

  test('tells deleted videos from the others', async () => {
    const world = open({ moving: true })
    const names = [...world.box.entities()].slice(0, 30)
    const known = names.flatMap(world.posts).map(({ id }) => id)
    world.advance(60 * DAY)
    const up = new Set(names.flatMap(world.posts).map(({ id }) => id))
    const { data } = await world.ask(CREATE, ...upload('video', known))
    world.advance(3_000)
    const { body } = await world.ask('/v2/research/validation_task/download/', data)
    const left = known.filter(id => up.has(id))
    expect(body.trim().split('\n')).toEqual(left)
    expect(left.length).toBeLessThan(known.length)
  })

  test('refuses wrong uploads', async () => {
    const { ask } = open()
    const codes = [
      upload('video', []),
      upload(
        'video',
        Array.from({ length: 10_001 }, (_, n) => `${n}`),
      ),
      upload('posts', ['1']),
    ]
    const answers = await Promise.all(codes.map(given => ask(CREATE, ...given)))
    expect(answers.map(({ status, error }) => [status, error.code])).toEqual([
      [400, 'invalid_file_upload'],
      [400, 'invalid_file_upload'],
      [400, 'invalid_params'],
    ])
  })
})
