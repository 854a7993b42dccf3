import { NETWORK, names, own, type TableEntry } from './entry.ts'

const NAMES = {
  absent: 'the profile has none, or has not come yet',
  workedOut: true,
  person: 'profile',
} as const
const ERROR_TYPE = own('What kind of error it met last: a word of the error types.', {
  absent: 'it met none that stands',
  person: 'nothing',
})
/** Words of a network or a service may name the application, or the address, that was asked with. */
const WORDS = own('That error in the words of who refused.', {
  absent: 'it met none that stands',
  kept: true,
  person: 'message',
})
const NOT_BEFORE = own('It is not tried again before this moment.', { absent: 'it may be tried at any time' })

export const jobs: TableEntry = {
  title: 'Jobs',
  description: 'What was asked and how it ended: one row a profile of the list and run.',
  table: 'sync_jobs',
  key: ['id'],
  references: [],
  facets: ['network', 'status', 'reason'],
  newest: 'created_at',
  label: 'entity_id',
  columns: {
    id: own('The number of the job.'),
    run_id: own('The run that it is of: a number that all jobs of one run share.'),
    network: NETWORK,
    entity_id: own('What the profile was asked for by: a name or an id, as the network takes it.', {
      person: 'profile',
    }),
    profile_id: own('The profile that answered to it (`id` in profiles).', {
      absent: 'none has come yet',
      workedOut: true,
      person: 'profile',
    }),
    profile_username: own('`username` of that profile.', NAMES),
    profile_name: own('`name` of that profile.', NAMES),
    status: own('`pending`, `running`, `succeeded`, `failed`, `partial` (more can be had) or `skipped`.', {
      person: 'nothing',
    }),
    reason: own('Why it was skipped, or is not whole: a word of the reasons.', {
      absent: 'nothing of the kind',
      person: 'nothing',
    }),
    error_type: ERROR_TYPE,
    error_message: WORDS,
    previous_job_id: own('The job that it goes on with.', { absent: 'it began anew' }),
    reading_id: own('The job in which the reading began that it is part of; itself, where it only began.', {
      absent: 'it read nothing',
    }),
    cursor: own(
      'Where it began and how far it got: the bounds that were asked for, the watermark, the place in the list, as a JSON object.',
      { json: 'object', person: 'json' },
    ),
    scopes: own('What was wanted, as a JSON array of `profile`, `posts`, `comments`, `likes`, or `all`.', {
      json: 'array',
      person: 'nothing',
    }),
    created_at: own('When it was made.'),
    started_at: own('When it was first worked on.', { absent: 'it was not yet' }),
    finished_at: own('When it ended.', { absent: 'it has not yet' }),
    not_before: NOT_BEFORE,
    trace_id: own('Its id in logs and spans, 32 hexadecimal digits, the same for all jobs of a run.', {
      person: 'nothing',
    }),
  },
}

export const tasks: TableEntry = {
  title: 'Tasks',
  description:
    'The parts of the jobs: a list of posts, the comments of one post, the replies of one comment, with how each ended.',
  table: 'sync_tasks',
  key: ['id'],
  references: [],
  facets: ['network', 'kind', 'status', 'reason'],
  newest: 'last_synced_at',
  label: null,
  columns: {
    id: own('The number of the task.'),
    job_id: own('Its job (`id` in jobs).'),
    network: own('The network that it is of.', { workedOut: true, person: 'nothing' }),
    kind: own('What it reads: `profile`, `posts`, `comments` or `likes`; replies are `comments`.', {
      person: 'nothing',
    }),
    external_id: own('What it reads of: the profile, the post, the comment, or the days of a search.', {
      person: 'subject',
    }),
    post_id: own('The post whose comments it reads (`id` in posts).', {
      absent: 'it is not about a single post',
      person: 'nothing',
    }),
    part: own('Which rest of a list it reads that an earlier job left; empty for all else.', {
      person: 'nothing',
    }),
    status: own('As of a job.', { person: 'nothing' }),
    reason: own('Why it was skipped, or is not whole: a word of the reasons.', {
      absent: 'nothing of the kind',
      person: 'nothing',
    }),
    reasons: own('Posts that needed no reading, counted by reason, as a JSON object.', {
      absent: 'it is not one that counts them',
      json: 'object',
      person: 'nothing',
    }),
    attempts: own('How often it was begun.', { unit: 'count' }),
    pages: own('How many pages it read.', { unit: 'count' }),
    items: own('How many rows they brought.', { unit: 'count' }),
    new_items: own('How many of those were not stored before.', { unit: 'count' }),
    expected: own('How many the network declared beforehand.', {
      unit: 'count',
      absent: 'it declared nothing',
    }),
    error_type: ERROR_TYPE,
    last_error: WORDS,
    last_synced_at: own('When it last stored a page.', { absent: 'it never did' }),
    not_before: NOT_BEFORE,
    failing_since: own('Since when it has failed in every run.', { absent: 'it does not' }),
    failed_runs: own('In how many runs it has failed one after another.', { unit: 'count' }),
    ...names('the profile of its job'),
  },
}

export const transforms: TableEntry = {
  title: 'Transforms',
  description: 'What external services made of texts, pictures and films, one row an element and service.',
  table: 'transforms',
  key: ['network', 'element_kind', 'element_id', 'transform', 'version'],
  references: [],
  facets: ['network', 'transform', 'element_kind', 'status'],
  newest: 'queued_at',
  label: null,
  columns: {
    network: NETWORK,
    element_kind: own('What was handed over: `post`, `media`, `profile` or `comment`.', {
      person: 'nothing',
    }),
    element_id: own('The `id` of the row that it is of.', { person: 'subject' }),
    post_id: own('The post that it belongs to (`id` in posts).', {
      absent: 'it is of a profile',
      person: 'nothing',
    }),
    transform: own('The name of the service.', { person: 'nothing' }),
    version: own('The version of the service, as the config file has it.', { person: 'nothing' }),
    status: own('`pending`, `processing`, `done` or `failed`.', { person: 'nothing' }),
    external_job_id: own("The service's own id of the work.", {
      absent: 'it has not been handed over',
      kept: true,
      person: 'nothing',
    }),
    result: own('What the service answered, any JSON.', {
      absent: 'there is none yet, or it failed',
      person: 'json',
    }),
    error_type: ERROR_TYPE,
    error_message: WORDS,
    attempts: own('How often it was handed over.', { unit: 'count' }),
    polls: own('How often its result was asked for.', { unit: 'count' }),
    next_poll_at: own('When it is asked for next.', { absent: 'it is not' }),
    queued_at: own('When it was queued.'),
    submitted_at: own('When the service took it.', { absent: 'it has not yet' }),
    finished_at: own('When it was done or had failed.', { absent: 'it is not yet' }),
  },
}
