import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DCLinter } from 'dclint'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SETTINGS } from '../../src/app/config/settings.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { networks } from '../../src/networks/registry.ts'
import { findToken } from '../../src/server/token.ts'
import { readAddress } from '../../src/store/postgres/address.ts'
import { tempFolder } from '../support/cli.ts'
import { leaves } from '../support/commands.ts'
import {
  COMPOSE,
  type Container,
  containersOfCompose,
  containersOfPod,
  isOurs,
  podOf,
  readCompose,
  readManifests,
} from '../support/deployment.ts'
import { filesOf, ROOT } from '../support/documents.ts'
import { strayFields, wrongFields } from '../support/manifest-schema.ts'

const compose = readCompose()
const manifests = readManifests()
const containers = [...containersOfCompose(compose), ...manifests.flatMap(containersOfPod)]
const ours = containers.filter(isOurs)
const named = (all: readonly Container[]) => all.map(container => [container.name, container] as const)
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** All that a container is told: what is looked for in it are paths. */
const toldTo = ({ args, command, env }: Container): string =>
  [...args, ...command, ...env.values()].join('\n')

it('there are a server, workers and a database, here and there', () => {
  const commands = ours.filter(({ command }) => command.length === 0).map(({ args }) => args[0])
  expect(commands).toEqual(['serve', 'worker', 'serve', 'worker'])
  expect(containers.filter(({ image }) => image.startsWith('postgres:'))).toHaveLength(2)
})

describe('the schemas', () => {
  it('compose.yaml is as the specification of Compose says', () => {
    const off = [
      'service-keys-order',
      'services-alphabetical-order',
      'top-level-properties-order',
      'require-quotes-in-ports',
    ]
    const rules = Object.fromEntries(off.map(rule => [rule, 0]))
    // The package's types cannot be resolved from a module.
    const linter: { lintFiles(paths: string[], deep: boolean): { messages: { message: string }[] }[] } =
      new DCLinter({ rules, quiet: true, debug: false, exclude: [] })
    const results = linter.lintFiles([join(ROOT, COMPOSE)], false)
    expect(results.flatMap(({ messages }) => messages.map(({ message }) => message))).toEqual([])
  })

  it.each(manifests.map(one => [`${one.file} ${one.kind} ${one.metadata.name}`, one] as const))(
    '%s is as Kubernetes says',
    (_, manifest) => {
      expect(wrongFields(manifest)).toBeNull()
    },
  )

  it('no object has a field that Kubernetes does not know', () => {
    expect(strayFields(manifests)).toEqual([])
  })

  it('a field of another type, or by a wrong name, is found', () => {
    const manifest = manifests.find(({ kind }) => kind === 'Deployment')!
    const spec = manifest.spec as object
    expect(wrongFields({ ...manifest, spec: { ...spec, replicas: 'two' } })).toContain('spec/replicas')
    expect(strayFields([{ ...manifest, spec: { ...spec, replica: 2 } }])).toEqual([
      expect.stringContaining(`'"replica"' does not exist`),
    ])
  })
})

describe('Dockerfile', () => {
  const text = read('Dockerfile')
  const pack = JSON.parse(read('package.json'))

  it('is one', () => {
    expect(validate(text).map(({ message }) => message)).toEqual([])
  })

  it('runs the binary of the package on the Node of the tests, as nobody of rank', () => {
    const majors = [...text.matchAll(/^FROM node:(\d+)-\S+-slim/gm)].map(([, major]) => major)
    expect(majors).toEqual(Array(2).fill(pack.devDependencies.node.split('.')[0]))
    const [, folder] = /^COPY --from=package \/app (\S+)$/m.exec(text) ?? []
    expect(text).toContain(`ENTRYPOINT ["node", "${folder}/${pack.bin.socsync}"]`)
    expect(/^USER (.*)$/m.exec(text)?.[1]).toBe('1000:1000')
  })

  it('is sent all that the package is made of', () => {
    const sent = [...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, path]) => path)
    const published: string[] = pack.files.filter((path: string) => !path.startsWith('!') && path !== 'dist')
    const named = [...pack.scripts.build.matchAll(/\S+\.(?:json|ts)\b/g)].map(([path]) => path)
    const built = [...named, 'src', 'package.json', 'package-lock.json', 'tsconfig.json']
    expect(sent.toSorted()).toEqual([...published, ...built, 'README.md', 'LICENSE'].sort())
  })

  it('and no secret is sent or published', () => {
    for (const path of ['examples/.env', 'examples/secrets']) {
      expect(read('.dockerignore').split('\n').indexOf(path)).toBeGreaterThan(
        read('.dockerignore').split('\n').indexOf('!examples'),
      )
      expect(pack.files).toContain(`!${path}`)
      expect(read('.gitignore')).toContain(path)
    }
  })
})

describe('what is started', () => {
  const commands = new Map(leaves(buildProgram()).map(({ name, command }) => [name, command]))

  it.each(named(ours.filter(({ command }) => command.length === 0)))(
    '%s: command and flags',
    (_, { args }) => {
      const [name = '', ...rest] = args
      const known = commands.get(name)?.options.map(({ long }) => long) ?? []
      expect([...commands.keys()]).toContain(name)
      expect(rest.filter(word => word.startsWith('--') && !known.includes(word))).toEqual([])
    },
  )

  it.each(named(ours))('%s: variables that are read', (_, { env }) => {
    const sources = filesOf('src/**/*.ts').map(({ text }) => text.replace(/^\s*(\/?\*|\/\/).*$/gm, ''))
    const settings = Object.keys(SETTINGS).map(
      name => `SOCSYNC_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`,
    )
    const isRead = (name: string) =>
      settings.includes(name) || sources.some(text => new RegExp(`\\b${name}\\b`).test(text))
    expect([...env.keys()].filter(name => !isRead(name))).toEqual([])
  })

  it.each(named(containers))('%s: confined, with time to stop', (_, container) => {
    expect(container).toMatchObject({ readOnly: true, dropsAll: true, gainsNothing: true })
    expect(container.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(container.grace).toBeGreaterThanOrEqual(60)
  })

  it('a worker has the 200 MB that it is promised to keep within', () => {
    for (const { memoryLimit } of ours.filter(({ args }) => args[0] === 'worker'))
      expect(memoryLimit).toBeGreaterThan(200e6)
  })

  it('the server is asked for what it answers without a token', () => {
    const paths = ['compose.yaml', 'kubernetes/server.yaml'].flatMap(file =>
      [...read(`examples/${file}`).matchAll(/(?:8378|path: )(\/\w+)/g)].map(([, path]) => path),
    )
    expect([...new Set(paths)].sort()).toEqual(['/health', '/ready'])
    const [guard] = filesOf('src/server/guard.ts')
    for (const path of paths) expect(guard?.text).toMatch(new RegExp(`OPEN = new Set\\(.*'${path}'`))
  })
})

describe('the database', () => {
  const users = ours.filter(({ env }) => env.has('SOCSYNC_DB'))
  const role = read('examples/postgres-role.sh')

  it.each(named(users))('%s: the role and the database that are made, by their host', (_, { name, env }) => {
    const { host, user, database } = readAddress(env.get('SOCSYNC_DB')!.replace(/\?.*/, '')).config
    const hosts = name.startsWith('compose')
      ? Object.keys(compose.services)
      : manifests.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name)
    expect(hosts).toContain(host)
    expect(role).toContain(`create role ${user} login`)
    expect(role).toContain(`create database ${database} owner ${user}`)
  })

  it('without TLS only where its network has no way out', () => {
    const clear = users.filter(({ env }) => /sslmode/.test(env.get('SOCSYNC_DB') ?? ''))
    expect(clear.every(({ name }) => name.startsWith('compose'))).toBe(true)
    expect(compose.services.postgres?.networks).toEqual(['database'])
    expect(compose.networks.database?.internal).toBe(true)
  })
})

describe('the secrets', () => {
  const variables = networks.flatMap(({ credentials }) =>
    credentials.flatMap(({ fields }) => fields.map(({ variable }) => variable.toLowerCase())),
  )

  it.each(named(containers))('%s: what is mounted is used, what is named is mounted', (_, container) => {
    const told = toldTo(container)
    const credentials = container.env.get('CREDENTIALS_DIRECTORY')
    const isCredential = (path: string) => variables.some(name => join(credentials ?? '', name) === path)
    const unused = [...container.secrets.keys()].filter(path => !told.includes(path) && !isCredential(path))
    expect(unused).toEqual([])
    const paths = told.match(/\/run\/[\w./-]+/g) ?? []
    const lost = paths.filter(
      path => path !== credentials && !container.mounts.some(mount => `${path}/`.startsWith(`${mount}/`)),
    )
    expect(lost).toEqual([])
  })

  it('every volume of a pod is mounted', () => {
    for (const manifest of manifests) {
      const pod = podOf(manifest)
      const mounted = [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].flatMap(
        ({ volumeMounts }) => volumeMounts?.map(({ name }) => name) ?? [],
      )
      expect(mounted).toEqual(expect.arrayContaining(pod?.volumes.map(({ name }) => name) ?? []))
    }
  })

  it('none is written in a file', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret' || kind === 'ConfigMap')).toEqual([])
    for (const { env, args } of containers) {
      expect([...env.keys()].filter(name => /(TOKEN|KEY|SECRET|PASSWORD)$/.test(name))).toEqual([])
      expect([...args, ...env.values()].filter(text => /:\/\/[^/@]*:[^/@]*@/.test(text))).toEqual([])
    }
  })

  it('all that Compose declares are used', () => {
    const used = containersOfCompose(compose).flatMap(({ secrets }) => [...secrets.values()])
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.secrets).sort())
  })

  const made = new Map(
    [...read('examples/README.md').matchAll(/create (?:secret )?(generic|tls|configmap) (\S+) (.*)$/gm)].map(
      ([, kind, name = '', flags = '']) => [
        name,
        kind === 'tls'
          ? ['tls.crt', 'tls.key']
          : [...flags.matchAll(/--from-file=(?:([\w.]+)=)?\S*?([\w.-]+)(?=\s|$)/g)].map(
              ([, key, file]) => key ?? file,
            ),
      ],
    ),
  )

  it('all that the cluster mounts are made by the commands of examples/README.md, key by key', () => {
    const wanted = manifests.flatMap(manifest => [
      ...(podOf(manifest)?.volumes.flatMap(
        ({ secret, configMap }) => secret?.secretName ?? configMap?.name ?? [],
      ) ?? []),
      ...((manifest.spec as { tls?: { secretName: string }[] } | undefined)?.tls?.map(
        ({ secretName }) => secretName,
      ) ?? []),
    ])
    expect([...new Set(wanted)].sort()).toEqual([...made.keys()].sort())
    for (const { secrets } of containers.filter(({ name }) => !name.startsWith('compose')))
      for (const [secret = '', key] of [...secrets.values()].map(place => place.split('/')))
        if (key) expect(made.get(secret), secret).toContain(key)
    for (const key of made.get('socsync-credentials') ?? []) expect(variables).toContain(key)
  })
})

describe('examples/secrets.sh', () => {
  const folder = tempFolder()
  const secret = (name: string): string => folder.file(`secrets/${name}`)
  const modeOf = (name: string): number => statSync(folder.file(name)).mode & 0o777

  beforeAll(() => {
    copyFileSync(join(ROOT, 'examples/secrets.sh'), folder.file('secrets.sh'))
    execFileSync('sh', [folder.file('secrets.sh')], { stdio: 'pipe' })
  })
  afterAll(() => folder[Symbol.dispose]())

  it('makes all that is mounted but the credentials', () => {
    const files = [
      ...Object.values(compose.secrets).map(({ file }) => file),
      ...[...read('examples/README.md').matchAll(/=(secrets\/[\w.]+)/g)].map(([, file = '']) => file),
    ]
    const isThere = (file: string) => statSync(folder.file(file), { throwIfNoEntry: false }) !== undefined
    const left = files.filter(file => !isThere(file)).map(file => file.split('/').at(-1))
    expect([...new Set(left)]).toEqual(['socsync_youtube_api_key'])
  })

  it('for its owner alone: nobody else gets into the folder', () => {
    expect(modeOf('secrets')).toBe(0o700)
    for (const name of ['pgpass', 'serve_token', 'tls.key']) expect(modeOf(`secrets/${name}`)).toBe(0o600)
    expect(readFileSync(folder.file('.env'), 'utf8')).toMatch(/^SOCSYNC_USER=[1-9]\d*:\d+\n$/)
  })

  it.each(named(ours.filter(({ env }) => env.has('SOCSYNC_DB'))))(
    '%s: finds the password that the database is given',
    (_, { env }) => {
      const url = env.get('SOCSYNC_DB')!.replace(/\?.*/, `?passfile=${encodeURIComponent(secret('pgpass'))}`)
      const { password } = readAddress(url).config
      const given = readFileSync(secret('postgres_password'), 'utf8')
      expect(typeof password === 'function' ? password() : password).toBe(given)
      expect(given).toMatch(/^[0-9a-f]{48}$/)
    },
  )

  it('makes a token that the server takes', () => {
    const token = findToken({ SOCSYNC_SERVE_TOKEN_FILE: secret('serve_token') })
    expect(token).toEqual({ value: readFileSync(secret('serve_token'), 'utf8').trim(), file: null })
  })

  it('leaves what is there as it is', () => {
    const before = readFileSync(secret('pgpass'), 'utf8')
    expect(() => execFileSync('sh', [folder.file('secrets.sh')], { stdio: 'ignore' })).toThrow()
    expect(readFileSync(secret('pgpass'), 'utf8')).toBe(before)
  })
})
