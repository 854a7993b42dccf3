import type { OpenSandbox } from '../../src/networks/sandbox.ts'

/**
 * The smallest network there can be, for tests of what is around a network: `/tiny/<id>` answers a profile of
 * `size` kB, `/tiny/bug` throws, `/tiny/slow` takes a turn of the event loop; each costs a unit.
 */
export const openTiny: OpenSandbox = ({ seed, now, origin, switches }) => {
  let used = 0
  return {
    network: 'tiny',
    owns: ({ path }) => path.startsWith('/tiny/'),
    async answer(request) {
      used += 1
      if (request.path === '/tiny/bug') throw new Error('a bug in the sandbox')
      if (request.path === '/tiny/slow') await new Promise(resolve => setTimeout(resolve, 20))
      const cap = switches.peek('cap') ?? null
      if (switches.take('refuse', request)) return { status: 403, body: '{"refused":true}' }
      const id = request.path.slice('/tiny/'.length)
      const padding = 'x'.repeat(1000 * Number(request.query.get('size') ?? 0))
      const body = {
        id,
        seed,
        now: now(),
        cap,
        next: `${origin}/tiny/${id}?after=1`,
        echo: request.body,
        padding,
      }
      return { status: 200, headers: { 'x-used': String(used) }, body: JSON.stringify(body) }
    },
    credentials: { SOCSYNC_TINY_KEY: 'tiny-key-0001' },
    *entities() {
      yield 'one'
      yield 'two'
    },
    *truth(entityId) {
      yield { type: 'profile', id: entityId }
      yield { type: 'post', id: '9007199254740993', profileId: entityId }
    },
    quota: () => [{ owner: 'tiny', pool: 'calls', used }],
  }
}
