// Mutants of the server's code, each with one change.
import type { Mutation } from '../kernel/program.ts'

export const SERVER_MUTANTS = {
  'authorize is not called': {
    file: 'server/src/app.ts',
    find: 'const about = await allowed(context, c, action)',
    put: (isOn) =>
      `const about = ${isOn} ? { ...NOBODY, docId: c.req.param('docId') ?? '' } : await allowed(context, c, action)`,
  },
  'a fold is stored without being compared': {
    file: 'server/src/routes/folds.ts',
    find: 'checkProposal({ sources, proposal: data, keepHistory }, limits, signal)',
    put: (isOn) =>
      `${isOn} ? Promise.resolve({ type: 'same' as const, snapshot: data, structs: 1, carried: [] }) : checkProposal({ sources, proposal: data, keepHistory }, limits, signal)`,
  },
  'a fold with other content is accepted': {
    file: 'server/src/compaction/check.ts',
    find: 'return findDifference({ full, collected: collect() }, proposed) ?? proposed',
    put: (isOn) =>
      `return (${isOn} ? null : findDifference({ full, collected: collect() }, proposed)) ?? proposed`,
  },
  'a fold collects a history that is kept': {
    file: 'server/src/store/document.ts',
    find: 'keepHistory: head.keep_history',
    put: (isOn) => `keepHistory: ${isOn} ? false : head.keep_history`,
  },
  'a folded segment is answered as unknown': {
    file: 'server/src/routes/segments.ts',
    find: "throw new RequestError('segment_folded'",
    put: (isOn) => `throw new RequestError(${isOn} ? 'not_found' : 'segment_folded'`,
  },
  'a broken database is answered as a deleted document': {
    file: 'server/src/routes/trouble.ts',
    find: 'if (isDatabaseUnavailable(error)) {',
    put: (isOn) =>
      `if (${isOn} && isDatabaseUnavailable(error)) return new RequestError('deleted', 'no')\n  if (isDatabaseUnavailable(error)) {`,
  },
  'an update is stored without being examined': {
    file: 'server/src/routes/updates.ts',
    find: 'const examined = await examineUpdateRow(',
    put: (isOn) => `const examined = ${isOn} ? { update, structs: 1 } : await examineUpdateRow(`,
  },
  'a revocation does not reach open streams': {
    file: 'server/src/streams/registry.ts',
    find: 'const matching = [...this.#entries].filter(',
    put: (isOn) => `const matching = (${isOn} ? [] : [...this.#entries]).filter(`,
  },
  'a stream continues after its right was revoked': {
    file: 'server/src/streams/registry.ts',
    find: '    entry.aborter.abort(reason)',
    put: (isOn) => `    if (!${isOn}) entry.aborter.abort(reason)`,
  },
  'a server ignores the revocations of other servers': {
    file: 'server/src/streams/revocations.ts',
    find: 'if (heard !== null && heard.from !== self)',
    put: (isOn) => `if (heard !== null && heard.from !== self && !${isOn})`,
  },
  'a refusal of the hook is treated as a permission': {
    file: 'server/src/routes/context.ts',
    find: "if (user === null) throw new RequestError('forbidden', refusal)",
    put: (isOn) => `if (user === null && !${isOn}) throw new RequestError('forbidden', refusal)`,
  },
} satisfies Readonly<Record<string, Mutation>>
