import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { filesOf, ROOT } from './documents.ts'

/** A container of one of the examples, in words that Compose and Kubernetes share. */
export interface Container {
  /** `compose.yaml worker` */
  readonly name: string
  readonly image: string
  /** What is given to the image's entry point. */
  readonly args: readonly string[]
  /** What is started in place of the image's own. */
  readonly command: readonly string[]
  readonly env: ReadonlyMap<string, string>
  /** By their paths in the container: the secrets, or their keys, that lie there. */
  readonly secrets: ReadonlyMap<string, string>
  /** Paths of everything that is mounted, secrets or not. */
  readonly mounts: readonly string[]
  /** Numbers, as `user:group`; environment variables of Compose replaced by their defaults. */
  readonly user: string
  readonly readOnly: boolean
  /** Of its capabilities. */
  readonly dropsAll: boolean
  /** No program in it can have more rights than it was started with. */
  readonly gainsNothing: boolean
  /** Bytes. */
  readonly memoryLimit: number
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace: number
}

/** An object of Kubernetes. */
export interface Manifest {
  readonly file: string
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: unknown
}

interface Mount {
  readonly name: string
  readonly mountPath: string
}

interface Volume {
  readonly name: string
  readonly secret?: { readonly secretName: string; readonly items?: readonly { key: string; path: string }[] }
  readonly configMap?: { readonly name: string }
}

interface PodContainer {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly command?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly volumeMounts?: readonly Mount[]
  readonly securityContext: {
    readonly readOnlyRootFilesystem?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly capabilities?: { readonly drop?: readonly string[] }
  }
  readonly resources: { readonly limits: { readonly memory: string } }
}

export interface Pod {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: {
    readonly runAsUser: number
    readonly runAsGroup: number
    readonly runAsNonRoot: boolean
  }
  readonly containers: readonly PodContainer[]
  readonly initContainers?: readonly PodContainer[]
  readonly volumes: readonly Volume[]
}

export interface Service {
  readonly image: string
  readonly user: string
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly networks: readonly string[]
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly mem_limit: string
  readonly stop_grace_period: string
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

/** The image of socsync, without its tag; other images are other people's. */
export const isOurs = ({ image }: { readonly image: string }): boolean => image.startsWith('socsync:')

export const COMPOSE = 'examples/compose.yaml'

export const readCompose = (): Compose => {
  const [document] = parseAllDocuments(readFileSync(join(ROOT, COMPOSE), 'utf8'), { merge: true })
  return document?.toJS() as Compose
}

/** Every object below `examples/kubernetes`. YAML 1.1 is what kubectl reads: `0440` is octal there. */
export const readManifests = (): readonly Manifest[] =>
  filesOf('examples/kubernetes/*.yaml').flatMap(({ path, text }) =>
    parseAllDocuments(text, { version: '1.1' }).map(document => {
      if (document.errors.length > 0) throw document.errors[0]
      return { file: path, ...(document.toJS() as Omit<Manifest, 'file'>) }
    }),
  )

/** What a Deployment or StatefulSet starts; null where an object starts nothing. */
export const podOf = ({ spec }: Manifest): Pod | null =>
  (spec as { template?: { spec: Pod } } | undefined)?.template?.spec ?? null

export const containersOfCompose = ({ services }: Compose): readonly Container[] =>
  Object.entries(services).map(([name, service]) => ({
    name: `compose.yaml ${name}`,
    image: service.image,
    args: service.command ?? [],
    command: [],
    env: new Map(Object.entries(service.environment)),
    secrets: new Map(service.secrets.map(secret => [`/run/secrets/${secret}`, secret])),
    mounts: service.secrets.map(secret => `/run/secrets/${secret}`),
    user: service.user.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    readOnly: service.read_only,
    dropsAll: service.cap_drop.includes('ALL'),
    gainsNothing: service.security_opt.includes('no-new-privileges:true'),
    memoryLimit: bytesOf(service.mem_limit),
    grace: Number(/^(\d+)s$/.exec(service.stop_grace_period)?.[1]),
  }))

/** With its volumes' secrets at the paths where it sees them. */
export const containersOfPod = (manifest: Manifest): readonly Container[] => {
  const pod = podOf(manifest)
  return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(container => ({
    name: `${manifest.file.split('/').at(-1)} ${container.name}`,
    image: container.image,
    args: container.args ?? [],
    command: container.command ?? [],
    env: new Map((container.env ?? []).map(({ name, value }) => [name, value])),
    secrets: new Map(
      (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
        const secret = pod?.volumes.find(volume => volume.name === name)?.secret
        if (secret === undefined) return []
        const items = secret.items ?? [{ key: '', path: '' }]
        return items.map(({ key, path }): [string, string] => [
          join(mountPath, path),
          join(secret.secretName, key),
        ])
      }),
    ),
    mounts: (container.volumeMounts ?? []).map(({ mountPath }) => mountPath),
    user: `${pod?.securityContext.runAsUser}:${pod?.securityContext.runAsGroup}`,
    readOnly: container.securityContext.readOnlyRootFilesystem === true,
    dropsAll: container.securityContext.capabilities?.drop?.includes('ALL') === true,
    gainsNothing: container.securityContext.allowPrivilegeEscalation === false,
    memoryLimit: bytesOf(container.resources.limits.memory),
    grace: pod?.terminationGracePeriodSeconds ?? 0,
  }))
}

/** `256m`, which are MiB to Compose, and `256Mi`, as Kubernetes says it. */
const bytesOf = (text: string): number => {
  const [, count, unit = ''] = /^(\d+)([mg]|[MG]i)$/.exec(text) ?? []
  return Number(count) * 2 ** (unit[0]?.toLowerCase() === 'g' ? 30 : 20)
}
