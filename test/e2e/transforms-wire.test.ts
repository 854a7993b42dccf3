import { expect, it } from 'vitest'
import { startContractService } from '../support/contract-service.ts'
import { openTransformScene } from '../support/transforms.ts'

it('speaks the contract to a service that was written from its four lines alone', async () => {
  await using scene = await openTransformScene()
  await using service = await startContractService()
  scene.change(`update posts set caption = 'a bad day' where id = (select min(id) from posts)`)
  scene.configure({
    plain: {
      url: `${service.url}/`,
      elements: ['posts.caption', 'media.image', 'media.video'],
      version: '2.1',
    },
  })
  const ended = await scene.call(['transform', 'run', '--max-wait', '1h', '--quiet', '--json'])
  expect(service.broken).toEqual([])
  expect(ended).toMatchObject({ code: 3, stderr: '' })

  const rows = scene.rows()
  expect(service.jobs.size).toBe(rows.length)
  const failed = rows.filter(({ status }) => status === 'failed')
  expect(failed).toMatchObject([{ error_type: 'service_failed', error_message: 'bad element', result: null }])
  for (const { status, result, element_id, external_job_id } of rows) {
    expect(external_job_id).toMatch(/^job\/\d+\?#$/)
    if (status === 'done') expect(JSON.parse(String(result))).toEqual({ of: element_id })
  }

  const posts = service.seen.filter(({ method }) => method === 'POST')
  expect(new Set(posts.map(({ headers }) => headers['idempotency-key'])).size).toBe(rows.length)
  const bodies = posts.map(({ body }) => JSON.parse(body) as Record<string, string>)
  const text = bodies.find(body => body.post_id !== undefined && !body.text?.includes('bad'))
  expect(text).toEqual({
    post_id: expect.stringMatching(/^\d{17}$/),
    type: 'text',
    network: 'instagram',
    transform: 'plain',
    version: '2.1',
    text: expect.any(String),
  })
  const image = bodies.find(body => body.media_id !== undefined)
  expect(image).toEqual({
    media_id: expect.any(String),
    type: 'image',
    network: 'instagram',
    transform: 'plain',
    version: '2.1',
    media_url: expect.stringMatching(/^https:/),
  })
  for (const { headers } of posts) expect(headers.authorization).toBeUndefined()
})
