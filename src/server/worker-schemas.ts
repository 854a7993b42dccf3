import { z } from 'zod'
import { LIVES, PURPOSES } from '../app/reports/queries.ts'
import { Counter, Id, Moment, maybe } from './plain-schemas.ts'

/** Who works on the database, and what they read. */

const Stream = z.string().meta({ description: 'Which answers are read', examples: ['media', 'threads'] })
const Since = Moment.meta({ description: 'When its reading began, whoever has read it since' })
const Credential = maybe(z.string()).meta({
  description: 'The one credential that may read it, never a secret; null = any',
})
const Host = z.string()
const Pid = z.int().min(0)

export const Worker = z
  .object({
    id: z.string(),
    ids: z.array(z.string()).meta({
      description: 'All that its process is known by: it has another one for each run that was ordered',
    }),
    host: Host,
    pid: Pid,
    purpose: z.enum(PURPOSES).meta({
      description:
        '`run`: a command that ends with its run; `server`: the same in `socsync serve`; `worker`: whatever is open',
    }),
    started_at: Moment,
    lease_expires_at: Moment.meta({ description: 'From then on others may take over what it holds' }),
    state: z.enum(LIVES).meta({
      description:
        '`frozen`: its process is there and its lease over; `gone`: its process ended without saying so; `unknown`: its lease is over, and a replica knows no more',
    }),
    runs: z.array(Id).meta({ description: 'The runs that it sees to the end' }),
    walk_count: Counter.meta({ description: 'How many lists it reads now' }),
    walks: z
      .array(
        z.object({
          run_id: Id,
          job_id: Id,
          network: z.string(),
          stream: Stream,
          entity_id: z.string().meta({ description: 'One of the profiles that it is read for' }),
          profiles: Counter,
          credential: Credential,
          started_at: Since,
        }),
      )
      .meta({ description: 'Some of them, the oldest first' }),
  })
  .meta({ id: 'Worker' })

export const Readers = z
  .array(
    z.object({
      worker: z.string(),
      host: Host,
      pid: Pid,
      stream: Stream,
      credential: Credential,
      started_at: Since,
    }),
  )
  .meta({ description: 'Who reads something of it now' })
