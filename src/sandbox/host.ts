import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { BadInput } from '../core/errors.ts'
import type { Network } from '../networks/contract.ts'
import {
  type NetworkSandbox,
  type SandboxAnswer,
  type SandboxOptions,
  type SandboxRequest,
  WORLD_STANDS_AT,
} from '../networks/sandbox.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { control } from './control.ts'
import { openLog, type SandboxLog } from './log.ts'
import { readRequest, sendAnswer, sendError } from './messages.ts'
import { openSwitches, readRules, type SwitchBoard, type SwitchRule } from './switches.ts'
import { openTransformSandbox, type TransformSandbox } from './transforms.ts'
import { takeFault } from './transport.ts'

export interface SandboxHostOptions {
  readonly networks: readonly Pick<Network, 'name' | 'loadSandbox'>[]
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly seed?: number
  readonly size?: SandboxOptions['size']
  /** Whether posts, edits, deletions and counters follow the clock; no, unless said. */
  readonly moving?: boolean
  /** The clock's first moment, epoch milliseconds; the real one, unless said, but never before the worlds' own. */
  readonly now?: number
  /** False: the clock only moves when it is told to. */
  readonly ticking?: boolean
  readonly rules?: readonly SwitchRule[]
  /** A JSON file of rules. */
  readonly faults?: string
}

/** The stand-in of all given networks, and of transform services, on one port of 127.0.0.1. */
export interface SandboxHost {
  /** `http://127.0.0.1:8377` */
  readonly origin: string
  readonly sandboxes: ReadonlyMap<string, NetworkSandbox>
  readonly clock: MovableClock
  readonly log: SandboxLog
  readonly switches: SwitchBoard
  readonly transforms: TransformSandbox
  /** The base address of the transform service of this name: any name has one. */
  transformUrl(name: string): string
  /** What lets socsync in: the networks' invented credentials, and the base address of each. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts the sandbox. Throws {@link BadInput} where the port is taken or the file of faults is wrong. */
export const openSandboxHost = async (options: SandboxHostOptions): Promise<SandboxHost> => {
  const fromFile = options.faults === undefined ? [] : readRules(readText(options.faults))
  const switches = openSwitches([...fromFile, ...(options.rules ?? [])])
  const clock = movableClock(options.now ?? Math.max(Date.now(), WORLD_STANDS_AT), options.ticking)
  const log = openLog()
  const server = createServer({ keepAliveTimeout: 60_000 })
  const origin = await listen(server, options.port ?? 0)

  const sandboxes = await openAll(options, { clock, origin, switches }).catch(async error => {
    await close(server)
    throw error
  })
  const host: SandboxHost = {
    origin,
    sandboxes,
    clock,
    log,
    switches,
    transforms: openTransformSandbox({
      seed: options.seed ?? 1,
      now: clock.now,
      switches: switches.of(TRANSFORMS),
    }),
    transformUrl: name => `${origin}/transforms/${name}`,
    environment: Object.assign(
      {},
      ...[...sandboxes].map(([name, { credentials }]) => ({
        ...credentials,
        [`SOCSYNC_${name.toUpperCase()}_BASE_URL`]: origin,
      })),
    ),
    close: () => close(server),
  }
  server.on('request', (message, response) => void serve(host, message, response))
  server.on('clientError', (_, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  })
  return host
}

const openAll = async (
  { networks, seed = 1, size = 'small', moving = false }: SandboxHostOptions,
  { clock, origin, switches }: { clock: MovableClock; origin: string; switches: SwitchBoard },
): Promise<ReadonlyMap<string, NetworkSandbox>> => {
  const opened = networks.map(async network => {
    const open = await network.loadSandbox()
    const own = switches.of(network.name)
    return [network.name, open({ seed, size, now: clock.now, origin, moving, switches: own })] as const
  })
  return new Map(await Promise.all(opened))
}

/** One request: to the control paths, or to the network that owns it by way of the faults that are on. */
const serve = async (
  host: SandboxHost,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const request = await readRequest(message)
    if (/^\/sandbox(\/|$)/.test(request.path)) await control(host, request, response)
    else await dispatch(host, request, response)
  } catch (error) {
    if (hasLeft(error)) return
    if (!(error instanceof BadInput)) host.log.fail(error)
    sendError(response, error)
  }
}

/** A client that goes away in the middle of a request or an answer is no bug of ours. */
const hasLeft = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')

/** What the log and the switches call the transform services, all of them together. */
const TRANSFORMS = 'transforms'

const dispatch = async (
  host: SandboxHost,
  request: SandboxRequest,
  response: ServerResponse,
): Promise<void> => {
  const [network, sandbox] =
    [...host.sandboxes, [TRANSFORMS, host.transforms] as const].find(([, candidate]) =>
      candidate.owns(request),
    ) ?? []
  const fault = network === undefined ? null : takeFault(host.switches.of(network), request)
  const call = host.log.begin(network ?? null, request, fault?.name ?? null, host.clock.now())
  response.once('close', () => call.end(response.headersSent ? response.statusCode : 0))

  const answer = async (): Promise<SandboxAnswer> => sandbox?.answer(request) ?? NOBODY
  const send = (sent: SandboxAnswer): Promise<void> => {
    // Before the client can have it: its next call must not overlap with this one in the counts.
    call.end(sent.status)
    return sendAnswer(request, response, sent)
  }
  if (fault === null) await send(await answer())
  else await fault.inflict({ response, answer, send }, fault.value)
}

const NOBODY: SandboxAnswer = {
  status: 404,
  body: JSON.stringify({
    error: 'No network of this sandbox owns the path; GET /sandbox/ says what there is.',
  }),
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new BadInput(`The file of faults ${file} cannot be read.`, { cause })
  }
}

const listen = (server: Server, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new BadInput(`Port ${port} is taken.`, {
              hint: 'Take another one, or 0 for any that is free.',
              cause,
            })
          : cause,
      ),
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`)
    })
  })

const close = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
