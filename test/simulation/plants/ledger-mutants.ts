// Mutants of the ledger, which decides where each edit is.
import type { Mutation } from '../kernel/program.ts'

const LEDGER = 'y-electric/src/core/ledger'

export const LEDGER_MUTANTS = {
  'an edit is neither recorded nor told to other tabs': {
    file: `${LEDGER}/parts/writing.ts`,
    find: '  spread(work, { update, batchId, madeAt: now })',
    put: (isOn) => `  if (!${isOn}) spread(work, { update, batchId, madeAt: now })`,
  },
  'what an earlier page left in its outbox is forgotten': {
    file: `${LEDGER}/parts/device.ts`,
    find: 'return isDamaged ? [] : batches',
    put: (isOn) => `return isDamaged || ${isOn} ? [] : batches`,
  },
  'a resume point is recorded while edits of other tabs are unsent': {
    file: `${LEDGER}/parts/resuming.ts`,
    find: "|| doubt.type !== 'none' || hasUnsent(others)) return",
    put: (isOn) => `|| (!${isOn} && (doubt.type !== 'none' || hasUnsent(others)))) return`,
  },
  'a resume point stays recorded when an edit of another tab comes': {
    file: `${LEDGER}/steps/document.ts`,
    find: "if (isNew && source.type === 'tab') withdrawResume(work)",
    put: (isOn) => `if (isNew && source.type === 'tab' && !${isOn}) withdrawResume(work)`,
  },
  'what the server lacks after a join is not sent': {
    file: `${LEDGER}/steps/document.ts`,
    find: 'else if (comparison.update !== null) takeEdit(work, comparison.update)',
    put: (isOn) =>
      `else if (comparison.update !== null && !${isOn}) takeEdit(work, comparison.update)`,
  },
  'saved is said while other tabs have unsent edits': {
    file: `${LEDGER}/facts.ts`,
    find: "doubt.type === 'none' && !hasUnsent(others)",
    put: (isOn) => `doubt.type === 'none' && (${isOn} || !hasUnsent(others))`,
  },
  'saved is said while the device store is being read': {
    file: `${LEDGER}/facts.ts`,
    find: "&& device.type !== 'loading'",
    put: (isOn) => `&& (${isOn} || device.type !== 'loading')`,
  },
  'a tab that disconnects trusts that other tabs send their edits': {
    file: `${LEDGER}/steps/opening.ts`,
    find: 'if (hasUnsent(others)) doubt(work)',
    put: (isOn) => `if (hasUnsent(others) && !${isOn}) doubt(work)`,
  },
  'the seal is acted on before the rows that come after it': {
    file: `${LEDGER}/parts/reading.ts`,
    find: `      setReading(work, { isSealSeen: true })
      return NOTHING`,
    put: (isOn) => `      setReading(work, { isSealSeen: true })
      return ${isOn} ? { type: 'seal', next: sealed(work) } : NOTHING`,
  },
  'a shape that begins anew is read on': {
    file: `${LEDGER}/parts/reading.ts`,
    find: `    case 'rejoin':
      rejoin(work)`,
    put: (isOn) => `    case 'rejoin':
      if (!${isOn}) rejoin(work)`,
  },
  'synced is said of a segment that is known to have more rows': {
    file: `${LEDGER}/parts/reading.ts`,
    find: '  if (isBehind) return\n',
    put: (isOn) => `  if (isBehind && !${isOn}) return\n`,
  },
  'the leader does not adopt what a tab that is gone left': {
    file: `${LEDGER}/parts/adopting.ts`,
    find: '  const adopted = adopt(orphans, stored, work.context.freshId)',
    put: (isOn) => `  const adopted = ${isOn} ? [] : adopt(orphans, stored, work.context.freshId)`,
  },
  'a join drops what waits to be sent': {
    file: `${LEDGER}/steps/document.ts`,
    find: '  if (work.state.isRemaking) replaceAll(work, comparison.update)',
    put: (isOn) => `  if (work.state.isRemaking || ${isOn}) replaceAll(work, comparison.update)`,
  },
} satisfies Readonly<Record<string, Mutation>>
