import type { Clock } from '../../src/core/clock.ts'
import type { SocialRecord } from '../../src/core/records.ts'
import type { Network } from '../../src/networks/contract.ts'
import { networks as registry } from '../../src/networks/registry.ts'
import type { OpenSandbox } from '../../src/networks/sandbox.ts'
import { openSandboxHost, type SandboxHost, type SandboxHostOptions } from '../../src/sandbox/host.ts'
import type { SwitchRule } from '../../src/sandbox/switches.ts'

/** Noon of the day on which the networks' worlds begin: where a test's clock stands, unless it says otherwise. */
export const START = Date.UTC(2026, 9, 1, 12)

export interface TestSandbox extends Omit<SandboxHost, 'clock'>, AsyncDisposable {
  /** The sandbox's clock as socsync sees it: sleeping takes no time and moves it on. */
  readonly clock: Clock
  /** For a child process: `environment` and the sandbox's clock. */
  readonly env: Readonly<Record<string, string>>
  setSwitch(name: string, rule?: Omit<SwitchRule, 'name'>): void
  advance(ms: number): void
  truth(network: string, entityId: string): SocialRecord[]
  /** The first so many profiles of a network. */
  entities(network: string, count?: number): string[]
}

/**
 * A sandbox for one test: `await using sandbox = await startSandbox()`. Of all networks, unless `networks` or
 * `openers` name some. Starts at {@link START}; frozen unless `ticking`.
 */
export const startSandbox = async (
  options: Omit<SandboxHostOptions, 'networks'> & {
    readonly networks?: readonly Pick<Network, 'name' | 'loadSandbox'>[]
    readonly openers?: Readonly<Record<string, OpenSandbox>>
  } = {},
): Promise<TestSandbox> => {
  const opened = Object.entries(options.openers ?? {}).map(([name, open]) => ({
    name,
    loadSandbox: async () => open,
  }))
  const host = await openSandboxHost({
    now: START,
    ticking: false,
    ...options,
    networks: [...(options.networks ?? (options.openers ? [] : registry)), ...opened],
  })
  const of = (network: string) => {
    const sandbox = host.sandboxes.get(network)
    if (!sandbox) throw new Error(`This sandbox has no ${network}.`)
    return sandbox
  }
  return {
    ...host,
    clock: {
      now: host.clock.now,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted()
        if (ms > 0) host.clock.reach(host.clock.now() + ms)
      },
    },
    env: { ...host.environment, SOCSYNC_CLOCK: host.origin },
    setSwitch: (name, rule = {}) => void host.switches.set({ name, ...rule }),
    advance: ms => host.clock.advance(ms),
    truth: (network, entityId) => [...of(network).truth(entityId)],
    entities: (network, count = Number.POSITIVE_INFINITY) => [...of(network).entities()].slice(0, count),
    [Symbol.asyncDispose]: host.close,
  }
}
