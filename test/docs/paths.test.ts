import { globSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { allDocuments, filesOf, ROOT } from '../support/documents.ts'

/** Places from which a path in a document may be told: the root, or `src`, in which most of them lie. */
const ROOTS = ['', 'src']

const isThere = (path: string): boolean =>
  ROOTS.some(root => statSync(join(ROOT, root, path), { throwIfNoEntry: false }) !== undefined)

/** Code like `store/page/commit.ts`; a pattern of names is none. */
const pathsOf = (text: string): readonly string[] =>
  [...text.matchAll(/`([\w./-]+\/[\w.-]+\.ts)`/g)].map(([, path = '']) => path)

it.each(allDocuments().map(({ path, text }) => [path, pathsOf(text)] as const))(
  'every file that %s names is there',
  (_, paths) => {
    expect(paths.filter(path => !isThere(path))).toEqual([])
  },
)

/** The rows `| \`queue/\` | … | jobs, tasks |` under a heading of the map, by room. */
const roomsOf = (heading: string): ReadonlyMap<string, readonly string[]> => {
  const [map] = filesOf('src/README.md')
  const section = map?.text.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return new Map(
    [...section.matchAll(/^\| `(\w+)\/` \|[^|]*\| ([^|]*) \|$/gm)].map(([, room = '', files = '']) => [
      room,
      files.split(', ').filter(name => !name.startsWith('`')),
    ]),
  )
}

it.each(['store', 'app'])('the map names every room of %s and every file in it', folder => {
  const rooms = roomsOf(`The rooms of ${folder}`)
  const found = globSync('*/', { cwd: join(ROOT, 'src', folder) })
  expect([...rooms.keys()].sort()).toEqual(found.sort())
  for (const [room, files] of rooms) {
    const there = globSync('*.ts', { cwd: join(ROOT, 'src', folder, room) })
    expect(files.toSorted(), room).toEqual(there.map(file => basename(file, '.ts')).sort())
  }
})
