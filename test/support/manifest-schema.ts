import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as apps from 'kubernetes-models/apps/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as core from 'kubernetes-models/v1'
import { tempFolder } from './cli.ts'
import type { Manifest } from './deployment.ts'
import { ROOT } from './documents.ts'

/** A class of `kubernetes-models`, made from the OpenAPI document of Kubernetes. */
type Model = new (data: object) => { validate(): void }

const GROUPS: Readonly<Record<string, object>> = {
  v1: core,
  'apps/v1': apps,
  'networking.k8s.io/v1': networking,
}

/** What Kubernetes' schema refuses of an object, as the path of a field and why; null = nothing. Unknown fields pass. */
export const wrongFields = ({ file: _, ...object }: Manifest): string | null => {
  const group = (GROUPS[object.apiVersion] ?? {}) as Readonly<Record<string, Model>>
  const ModelOfKind = group[object.kind]
  if (ModelOfKind === undefined) return `${object.apiVersion} has no ${object.kind}`
  try {
    new ModelOfKind(object).validate()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * The fields that no type of Kubernetes has. Its schemas let unknown ones pass, the server then drops or refuses them; of an
 * object that is written down, TypeScript takes none.
 */
export const strayFields = (manifests: readonly Manifest[]): readonly string[] => {
  using temporary = tempFolder()
  const folder = temporary.path
  const source = manifests.map(
    ({ file: _, apiVersion, kind, ...rest }, index) =>
      `import { ${kind} as Kind${index} } from 'kubernetes-models/${apiVersion}'
      new Kind${index}(${JSON.stringify(rest)})`,
  )
  writeFileSync(join(folder, 'manifests.ts'), source.join('\n'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        ...{ noEmit: true, strict: true, skipLibCheck: true, types: [] },
        ...{ target: 'es2024', module: 'preserve', moduleResolution: 'bundler' },
        paths: { 'kubernetes-models/*': [join(ROOT, 'node_modules/kubernetes-models/*/index.d.ts')] },
      },
    }),
  )
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  return `${stdout}${stderr}`.split('\n').filter(line => line !== '')
}
