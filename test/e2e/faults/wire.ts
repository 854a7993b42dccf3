import type { Json } from '../../../src/core/json.ts'
import type { SwitchRule } from '../../../src/sandbox/switches.ts'
import type { Expected, FaultRow } from './row.ts'
import type { NetworkName, Scenery } from './scene.ts'

/** What goes wrong between the network and us, by what follows from it. */
interface WireFault {
  readonly name: string
  /** The sandbox's switch and its value (`src/sandbox/transport.ts`). */
  readonly fault: string
  readonly value?: Json
  /**
   *   harmless   nothing is noticed
   *   passing    tried again, then the task fails with `network_error`
   *   unreadable, rejected   not tried again, the task fails
   *   dead       the credential is of no use: exit 5
   */
  readonly follows: 'harmless' | 'passing' | 'unreadable' | 'rejected' | 'dead'
  readonly networks?: readonly NetworkName[]
  readonly deadlineMs?: number
  /** Real time passes: not at every moment. */
  readonly slow?: true
}

const MIB = 2 ** 20
const WRONG_SHAPES: readonly Json[] = [{}, [], '"a text"', 'null']

const FAULTS: readonly WireFault[] = [
  { name: '31 reset before any header', fault: 'reset', follows: 'passing' },
  { name: '31 the answer is lost, the work was done', fault: 'lost', follows: 'passing' },
  { name: '31 reset in the middle of the body', fault: 'cut', follows: 'passing' },
  { name: '32 closed before the content-length', fault: 'short', follows: 'passing' },
  { name: '34 content-length too small', fault: 'truncate', follows: 'passing' },
  { name: '35 truncated gzip', fault: 'gzip-cut', follows: 'passing' },
  { name: '36 gzip that is none', fault: 'gzip-plain', follows: 'passing' },
  { name: '37 gzip bomb', fault: 'gzip-bomb', value: 200 * MIB, follows: 'unreadable', slow: true },
  { name: '37 a body of 200 MB', fault: 'huge', value: 200 * MIB, follows: 'unreadable', slow: true },
  { name: '38 HTML with 200', fault: 'html', follows: 'passing' },
  { name: '38 HTML with 502', fault: 'html-502', follows: 'passing' },
  { name: '38 the right answer, called text', fault: 'wrong-type', follows: 'harmless' },
  { name: '38 a text with 200', fault: 'not-json', follows: 'passing' },
  { name: '39 empty 200', fault: 'empty', follows: 'passing' },
  { name: '39 204', fault: 'no-content', follows: 'passing' },
  { name: '40 garbage instead of HTTP', fault: 'garbage', follows: 'passing' },
  { name: '40 headers of 64 kB', fault: 'huge-headers', follows: 'passing' },
  { name: '41 redirect to another path', fault: 'redirect', value: '/elsewhere', follows: 'rejected' },
  {
    name: '41 redirect to another host',
    fault: 'redirect',
    value: 'http://169.254.169.254/latest/meta-data',
    follows: 'rejected',
  },
  { name: '42 no answer', fault: 'hang', follows: 'passing', deadlineMs: 400, slow: true },
  {
    name: '42 a byte every 20 ms',
    fault: 'drip',
    value: 20,
    follows: 'passing',
    deadlineMs: 400,
    slow: true,
  },
  { name: '42 slow', fault: 'slow', value: 30, follows: 'harmless' },
  { name: '48 asked twice by a proxy', fault: 'twice', follows: 'harmless' },
  { name: '49 the version is gone: 410', fault: 'status', value: 410, follows: 'rejected' },
  { name: '49 the path is gone: 404', fault: 'status', value: 404, follows: 'rejected' },
  { name: '50 100,000 levels', fault: 'deep', follows: 'unreadable' },
  {
    name: '50 a byte-order mark and bad UTF-8 before the end',
    fault: 'status',
    value: { status: 200, body: '\ufeff{"kind": NaN}' },
    follows: 'passing',
  },
  { name: '46 500', fault: 'status', value: 500, follows: 'passing' },
  { name: '46 503', fault: 'status', value: 503, follows: 'passing' },
  { name: '46 504', fault: 'status', value: 504, follows: 'passing' },
  {
    name: '52 401 without a word',
    fault: 'status',
    value: 401,
    follows: 'dead',
    networks: ['instagram', 'youtube'],
  },
  { name: '52 403 of a proxy', fault: 'status', value: 403, follows: 'dead' },
  ...WRONG_SHAPES.map(
    (body): WireFault => ({
      name: `49 valid JSON of the wrong shape: ${typeof body === 'string' ? body : JSON.stringify(body)}`,
      fault: 'status',
      value: { status: 200, body },
      follows: 'unreadable',
      // TikTok's answers without data were seen to pass (docs/networks/tiktok.md §6, last line).
      networks: ['instagram', 'youtube'],
    }),
  ),
  ...WRONG_SHAPES.map(
    (body): WireFault => ({
      name: `49 valid JSON of the wrong shape: ${typeof body === 'string' ? body : JSON.stringify(body)}`,
      fault: 'status',
      value: { status: 200, body },
      follows: 'passing',
      networks: ['tiktok'],
    }),
  ),
]

/** When a fault strikes. */
interface Moment {
  readonly name: string
  readonly when: (scenery: Scenery) => Omit<SwitchRule, 'name'>
  readonly lasting: boolean
  readonly all: boolean
}

const MOMENTS: readonly Moment[] = [
  { name: 'at the first call', when: ({ page }) => ({ match: page, times: 1 }), lasting: false, all: false },
  {
    name: 'in the middle of a list',
    when: ({ later }) => ({ ...later, times: 1 }),
    lasting: false,
    all: false,
  },
  { name: 'all the time', when: ({ api }) => ({ match: api }), lasting: true, all: true },
  {
    name: 'from the fifth call on',
    when: ({ api }) => ({ match: api, after: 4 }),
    lasting: true,
    all: false,
  },
]

/** Tries of one call at most, and walks that a scenery begins with. */
const TRIES = 5
const WALKS = 3

const expectedOf = (
  { follows }: WireFault,
  { lasting, all }: Moment,
  { callsPerPage, callsOfSharedWalk }: Scenery,
): Expected => {
  const again = callsPerPage + callsOfSharedWalk
  switch (follows) {
    case 'harmless':
      return { exit: 0, error: null, wasted: 0 }
    case 'passing':
      return lasting
        ? { exit: 3, error: 'network_error', all, wasted: TRIES * WALKS + again }
        : { exit: 0, error: null, wasted: 1 }
    case 'dead':
      return { exit: 5, error: ['unauthorised', 'misconfigured'], all, wasted: WALKS + again }
    default:
      return { exit: 3, error: follows, all, wasted: WALKS + again }
  }
}

/** docs/faults.md §1.2: every fault of the connection at every moment, on every network. */
export const WIRE: readonly FaultRow[] = FAULTS.flatMap(fault =>
  MOMENTS.filter(({ lasting }) => fault.slow === undefined || !lasting).map(
    (moment): FaultRow => ({
      name: `${fault.name}, ${moment.name}`,
      ...(fault.networks && { networks: fault.networks }),
      ...(fault.deadlineMs !== undefined && { going: { deadlineMs: fault.deadlineMs } }),
      rules: scenery => [
        {
          name: fault.fault,
          network: scenery.network,
          ...(fault.value !== undefined && { value: fault.value }),
          ...moment.when(scenery),
        },
      ],
      expected: scenery => expectedOf(fault, moment, scenery),
    }),
  ),
)
