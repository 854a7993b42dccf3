import { loadConfig } from '../../app/config/config.ts'
import { DEPOSIT_RULES, type DepositSettings } from '../../app/config/deposit-config.ts'
import { oneOf } from '../../app/config/one-of.ts'
import { quote } from '../../app/config/quote.ts'
import { accept, type Rule } from '../../app/config/settings.ts'
import { exportStored } from '../../app/reports/export.ts'
import { exportGraph, type GraphRequest } from '../../app/reports/export-graph.ts'
import { BadInput } from '../../core/errors.ts'
import { EXPORTABLE, GRAPH_FORMATS } from '../../export/kinds.ts'
import { version } from '../../http/package.ts'
import { networks } from '../../networks/registry.ts'
import {
  type Flags,
  formatFlag,
  idFlag,
  isOn,
  listFlag,
  momentFlag,
  networkFlag,
  outFlag,
  packingFlag,
  pseudonymsFlag,
  textFlag,
  writingFlags,
} from '../flags.ts'
import { showJson } from '../show/json.ts'
import { counted } from '../show/text.ts'

/** `socsync export` */
export const exportCommand = async (what: string, flags: Flags): Promise<void> => {
  const { settings, deposit } = await loadConfig({ flags, env: process.env, networks })
  const out = outFlag(flags)
  const kind = oneOf(what, EXPORTABLE, 'what to export')
  const wanted = {
    db: settings.db,
    out,
    network: networkFlag(flags),
    entity: textFlag(flags, 'entity'),
    networks,
    job: idFlag(flags, 'job'),
    run: idFlag(flags, 'run'),
    since: momentFlag(flags, 'since'),
    pseudonymise: pseudonymsFlag(flags, settings),
  }
  if (kind === 'graph') {
    const written = await exportGraph({ ...wanted, ...graphFlags(flags) })
    const { nodes, edges } = written
    return tell(flags, out, written, `${counted(nodes, 'node')} and ${counted(edges, 'edge')}`)
  }
  const written = await exportStored({
    ...wanted,
    what: kind,
    columns: listFlag(flags, 'columns'),
    version,
    now: new Date().toISOString(),
    options: writingFlags(flags, 'csv'),
    deposit: depositFlags(flags, deposit),
  })
  const many =
    'files' in written
      ? counted(written.files.length + (written.documents?.length ?? 0), 'file')
      : counted(written.rows, 'row')
  tell(flags, out, written, many)
}

const graphFlags = (flags: Flags): Pick<GraphRequest, 'format' | 'packing' | 'force'> => {
  if (isOn(flags, 'package')) throw new BadInput('--package goes with all, not with a graph')
  for (const name of ['columns', 'excel'])
    if (flags[name] !== undefined)
      throw new BadInput(`--${name} is about rows, and a graph has none`, { hint: `leave out --${name}` })
  return {
    format: formatFlag(flags, GRAPH_FORMATS, 'gexf'),
    packing: packingFlag(flags),
    force: isOn(flags, 'force'),
  }
}

const tell = (flags: Flags, out: string | null, written: object, many: string): void => {
  if (out === null) return
  if (isOn(flags, 'json')) process.stdout.write(showJson({ out, ...written }))
  else process.stderr.write(`${many} in ${out}\n`)
}

/** What is said of the package: by flags, else by the config file; null = none is wanted. */
const depositFlags = (flags: Flags, config: DepositSettings): DepositSettings | null => {
  const { title, licence } = DEPOSIT_RULES
  if (!isOn(flags, 'package')) {
    const alone = ['title', 'licence'].find(name => textFlag(flags, name) !== null)
    if (alone === undefined) return null
    throw new BadInput(`--${alone} goes with --package`, {
      hint: 'socsync export all --package --out <folder>',
    })
  }
  const said = (name: 'title' | 'licence', rule: Rule<string>): string | null => {
    const text = textFlag(flags, name)
    return text === null ? config[name] : accept(rule, text, `--${name} ${quote(text)}`)
  }
  return { ...config, title: said('title', title), licence: said('licence', licence) }
}
