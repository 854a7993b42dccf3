/** What a client may know of why an order was not done, by the name of the error: no path, no stack. */
export const failureMessage = (errorType: string): string => FAILED[errorType] ?? FAILED.bug

const FAILED = {
  BadInput: 'its list, its settings or the database were refused; the log says why',
  OverBudget: 'it would cost more than its budget, so nothing was spent; the log says how much',
  StoreBroken: 'the database is damaged, full, or cannot be written; the log says which',
  Locked: 'another process holds what it needs',
  Overtaken: 'another process has gone on with it while this one stood still',
  NoCredential: 'a network or a service has no working credential',
  bug: 'a bug ended it; the log has it',
} as Readonly<Record<string, string>> & { readonly bug: string }
