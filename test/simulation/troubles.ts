// Rare events: the document is deleted, rights are revoked and granted again, and bad rows are stored. Only
// some runs have these steps, between the others.
import { compactorStep } from './compactor.ts'
import { editAtRandom } from './edits.ts'
import { postBadRow, storeBadRow } from './hostile.ts'
import { Chance } from './kernel/chance.ts'
import type { Kind } from './kind.ts'
import { DOC_ID } from './names.ts'
import { operate } from './operator.ts'
import type { Profile } from './profile.ts'
import type { Right } from './rights.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** The right changes, and the app tells the servers. */
function restrict(right: Right): Kind['act'] {
  return (world, { who, seed }) => {
    world.rights.set(world.person(who).browser.options.name, right)
    const body = { docId: DOC_ID }
    const heard = () => world.rights.heard()
    operate(world, new Chance(seed), { method: 'POST', path: '/revoke', body }, heard)
  }
}

function giveBack(world: World, { who, count }: Step): void {
  const { browser, tabs } = world.person(who)
  world.rights.set(browser.options.name, 'write')
  // Some apps learn of the change later.
  if (count % 3 > 0) for (const tab of tabs) if (tab !== null) reconnect(world, tab)
}

function reconnect(world: World, tab: ReturnType<World['tabs']>[number]): void {
  if (tab.page.isFrozen || !tab.isConnected) return
  world.reconnect(tab)
}

export const TROUBLES: Readonly<Record<string, Kind>> = {
  'delete the document': {
    weight: 1,
    act: (world, { seed }) =>
      operate(world, new Chance(seed), { method: 'DELETE', path: `/docs/${DOC_ID}` }, () => {}),
  },
  'store a bad row': { weight: 4, act: (world, { seed }) => storeBadRow(world, new Chance(seed)) },
  'post a bad row': { weight: 1, act: (world, { seed }) => postBadRow(world, new Chance(seed)) },
  'take the right to read': { weight: 3, act: restrict('none') },
  'take the right to write': { weight: 3, act: restrict('read') },
  'give the rights back': { weight: 4, act: giveBack },
  'fold without the history': {
    weight: 1,
    act: (world, { seed }) =>
      compactorStep(world, new Chance(seed), 'rolls and folds without the history'),
  },
  resend: {
    weight: 2,
    act: (world, { who, tab }) => {
      const found = world.awake(who, tab)
      if (found === null) return
      if (found.provider.refusedBatch !== null) world.claims.connected(found)
      found.page.hasResent = true
      found.provider.resend()
    },
  },
  reconnect: {
    weight: 2,
    act: (world, { who, tab }) => {
      const found = world.awake(who, tab)
      if (found !== null) reconnect(world, found)
    },
  },
}

/** With joint streams: a page opens, edits and closes another document, so that the list of streams changes. */
export const NEIGHBOURS: Readonly<Record<string, Kind>> = {
  'open the other document': {
    weight: 3,
    act: (world, { who, tab }) => world.awake(who, tab)?.openNeighbour(),
  },
  'edit the other document': {
    weight: 3,
    act: (world, { who, tab, seed }) => {
      const doc = world.awake(who, tab)?.openNeighbour().doc
      if (doc) editAtRandom(doc, new Chance(seed).number)
    },
  },
  'close the other document': {
    weight: 2,
    act: (world, { who, tab }) => world.awake(who, tab)?.closeNeighbour(),
  },
}

const weighted = (kinds: Readonly<Record<string, Kind>>): string[] =>
  Object.entries(kinds).flatMap(([type, { weight }]) => Array.from({ length: weight }, () => type))

const TROUBLE_TYPES = weighted(TROUBLES)
const NEIGHBOUR_TYPES = weighted(NEIGHBOURS)

/** The number of these steps that are inserted between the others. */
const FEWEST = 2
const MOST = 7

/**
 * The types and positions of these steps. They come from a separate random stream, so that the other steps of
 * a seed stay the same.
 */
export function troublesOf({
  seed,
  isTroubled,
  live,
  steps,
}: Profile): [at: number, type: string][] {
  const chance = Chance.of(seed, 'troubles')
  const draw = (types: readonly string[]): [number, string][] =>
    Array.from({ length: FEWEST + chance.below(MOST - FEWEST + 1) }, () => [
      chance.below(steps + 1),
      chance.pick(types),
    ])
  return [
    ...(isTroubled ? draw(TROUBLE_TYPES) : []),
    ...(live === 'shared' ? draw(NEIGHBOUR_TYPES) : []),
  ]
}
