// Mutants of the ledger, which records where each edit is.
import type { Mutation } from '../kernel/program.ts'

const LEDGER = 'y-electric/src/core/ledger'

export const LEDGER_MUTANTS = {
  'an edit is neither recorded nor sent to other tabs': {
    file: `${LEDGER}/parts/writing.ts`,
    find: '  spread(work, { update, batchId, madeAt: now })',
    put: (isOn) => `  if (!${isOn}) spread(work, { update, batchId, madeAt: now })`,
  },
  'the outbox of an earlier page is forgotten': {
    file: `${LEDGER}/parts/device.ts`,
    find: 'return isDamaged ? [] : batches',
    put: (isOn) => `return isDamaged || ${isOn} ? [] : batches`,
  },
  'a resume point is recorded while edits of other tabs are unsent': {
    file: `${LEDGER}/parts/resuming.ts`,
    find: "|| doubt.type !== 'none' || hasUnsent(others)) return",
    put: (isOn) => `|| (!${isOn} && (doubt.type !== 'none' || hasUnsent(others)))) return`,
  },
  'saved is reported while other tabs have unsent edits': {
    file: `${LEDGER}/facts.ts`,
    find: "doubt.type === 'none' && !hasUnsent(others)",
    put: (isOn) => `doubt.type === 'none' && (${isOn} || !hasUnsent(others))`,
  },
  'the seal is acted on before the rows that come after it': {
    file: `${LEDGER}/parts/reading.ts`,
    find: `      setReading(work, { isSealSeen: true })
      return NOTHING`,
    put: (isOn) => `      setReading(work, { isSealSeen: true })
      return ${isOn} ? { type: 'seal', next: sealed(work) } : NOTHING`,
  },
  'the leader does not adopt the edits of a tab that has ended': {
    file: `${LEDGER}/parts/adopting.ts`,
    find: '  const adopted = adopt(orphans, stored, work.context.freshId)',
    put: (isOn) => `  const adopted = ${isOn} ? [] : adopt(orphans, stored, work.context.freshId)`,
  },
  'a join drops edits that wait to be sent': {
    file: `${LEDGER}/steps/document.ts`,
    find: '  if (work.state.isRemaking) replaceAll(work, comparison.update)',
    put: (isOn) => `  if (work.state.isRemaking || ${isOn}) replaceAll(work, comparison.update)`,
  },
} satisfies Readonly<Record<string, Mutation>>
