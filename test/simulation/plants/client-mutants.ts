// Mutants of the provider's code, each with one change.
import type { Mutation } from '../kernel/program.ts'
import { LEDGER_MUTANTS } from './ledger-mutants.ts'
import { ODDITY_MUTANTS } from './oddity-mutants.ts'
import { TROUBLE_MUTANTS } from './trouble-mutants.ts'

export const CLIENT_MUTANTS = {
  ...LEDGER_MUTANTS,
  ...TROUBLE_MUTANTS,
  ...ODDITY_MUTANTS,
  'a resume point is committed without its rows': {
    file: 'y-electric/src/persistence/recorder.ts',
    find: `  update(update: Uint8Array): void {
    this.#updates.push(update)`,
    put: (isOn) => `  update(update: Uint8Array): void {
    if (!${isOn}) this.#updates.push(update)`,
  },
  'the rows of a backlog at the beginning of a stream are dropped': {
    file: 'y-electric/src/io/backlog-first.ts',
    find: 'new Response(messages, {',
    put: (isOn) => `new Response(${isOn} ? '[{"headers":{"control":"up-to-date"}}]' : messages, {`,
  },
  'an edit is not recorded on the device': {
    file: 'y-electric/src/persistence/recorder.ts',
    find: `    this.#updates.push(update)
    this.#edits.push({`,
    put: (isOn) => `    if (${isOn}) return this.#note({ all: false, edits: false })
    this.#updates.push(update)
    this.#edits.push({`,
  },
  'an edit is removed from the device store when it is sent, not when it is acked': {
    file: 'y-electric/src/persistence/recorder.ts',
    find: `    this.#edits.push({ batchId, update,`,
    put: (isOn) => `    if (!${isOn}) this.#edits.push({ batchId, update,`,
  },
  'the outbox is cleared when a batch is sent': {
    file: 'y-electric/src/core/outbox.ts',
    find: "return { state: { ...state, phase: 'sending' }, command: { type: 'send', batch } }",
    put: (isOn) =>
      `return { state: { ...state, phase: 'sending', batches: ${isOn} ? [] : state.batches }, command: { type: 'send', batch } }`,
  },
  'saved is reported before the ack': {
    file: 'y-electric/src/core/status.ts',
    find: 'reconciled && isOutboxEmpty(outbox)',
    put: (isOn) =>
      `reconciled && (isOutboxEmpty(outbox) || (${isOn} && outbox.phase === 'sending'))`,
  },
  'saved is reported while edits still accumulate': {
    file: 'y-electric/src/core/outbox.ts',
    find: 'state.edits === null && state.batches.length === 0',
    put: (isOn) => `(state.edits === null || ${isOn}) && state.batches.length === 0`,
  },
  'edits that accumulate while a batch is in flight are dropped': {
    file: 'y-electric/src/core/outbox.ts',
    find: 'const next = { ...state, batches }',
    put: (isOn) => `const next = { ...state, batches, ...(${isOn} ? { edits: null } : {}) }`,
  },
  'a failed batch is not sent again': {
    file: 'y-electric/src/core/outbox.ts',
    find: "return state.phase === 'waiting' ? sendNext(state, cut) : stay(state)",
    put: (isOn) =>
      `return state.phase === 'waiting' && !${isOn} ? sendNext(state, cut) : stay(state)`,
  },
  'a batch gets a new id with each try': {
    file: 'y-electric/src/core/outbox.ts',
    find: `        state: { ...state, phase: 'waiting', failures },`,
    put: (isOn) =>
      `        state: { ...state, phase: 'waiting', failures, batches: ${isOn} ? state.batches.map((one) => ({ ...one, batchId: one.batchId.replace(/^./, '0') })) : state.batches },`,
  },
  'the seal is treated as an empty row': {
    file: 'y-electric/src/core/follow.ts',
    find: "if (update.byteLength === 0) return { type: 'sealed' }",
    put: (isOn) =>
      `if (update.byteLength === 0) return ${isOn} ? { type: 'ignore' } : { type: 'sealed' }`,
  },
  'each row of state hides the row after it': {
    file: 'y-electric/src/core/follow.ts',
    find: "if (seen.has(seq)) return { type: 'ignore' }",
    put: (isOn) => `if (seen.has(seq) || (${isOn} && seen.has(seq - 1))) return { type: 'ignore' }`,
  },
  'a silent client never disappears': {
    file: 'y-electric/src/core/presence.ts',
    find: 'export const PRESENCE_EXPIRY_MS = 37_000',
    put: (isOn) => `export const PRESENCE_EXPIRY_MS = ${isOn} ? 37_000_000 : 37_000`,
  },
} satisfies Readonly<Record<string, Mutation>>
