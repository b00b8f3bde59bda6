// Joiners and followers in the model.
import { type Faults, type Program, step } from './actors.ts'
import { type Actor, breakRule, type Content, type World } from './world.ts'

/** Joins, and follows from segment to segment for ever. */
export function follower(live: 'sse' | 'long-poll', faults: Faults): Program {
  const JOIN = 0
  const take = (actor: Actor, ids: readonly (number | undefined)[]) => {
    for (const id of ids) {
      if (id !== undefined && !actor.received.includes(id)) actor.received.push(id)
    }
    actor.received.sort((a, b) => a - b)
  }
  const wholeIn = (content: Content = {}) =>
    Object.keys(content)
      .map(Number)
      .filter((id) => content[id] === 'whole')
  const readRows = (world: World, actor: Actor, after: number) => {
    take(
      actor,
      world.rows.filter(({ segment }) => segment > after).map(({ edit }) => edit?.id),
    )
    actor.segment = world.segment
    actor.position = 0
  }
  const readSnapshot = step('read the snapshot row', (world, _self, actor) => {
    take(actor, wholeIn(world.snapshot?.content))
    actor.through = world.snapshot?.through ?? -1
    return undefined
  })
  const join = step('read state, and be synced', (world, _self, actor) => {
    if (!faults.stateInTwoReads) take(actor, wholeIn(world.snapshot?.content))
    readRows(world, actor, faults.stateInTwoReads ? actor.through : (world.snapshot?.through ?? -1))
    const lacking = world.acked.filter((id) => !actor.received.includes(id))
    if (lacking.length > 0) breakRule(world, `a joiner was synced without edit ${lacking.join()}`)
    return undefined
  })
  const follow = step(
    'follow',
    (world, _self, actor) => {
      const isFolded = actor.segment <= (world.snapshot?.through ?? -1)
      // An open stream continues; a new request for a folded segment is answered with 410.
      if (isFolded && (live === 'long-poll' || actor.position === 0)) return JOIN
      const row = world.logs[actor.segment]?.[actor.position]
      if (row?.edit === null) {
        actor.segment++
        actor.position = 0
      } else {
        take(actor, [row?.edit?.id])
        actor.position++
      }
      return actor.at
    },
    (world, _self, { segment, position }) =>
      segment <= (world.snapshot?.through ?? -1)
        ? live === 'long-poll' || position === 0 || position < (world.logs[segment]?.length ?? 0)
        : position < (world.logs[segment]?.length ?? 0),
  )
  return {
    name: `${live} follower`,
    statements: faults.stateInTwoReads ? [readSnapshot, join, follow] : [join, follow],
    onCrash: 'immune',
    isFollower: true,
  }
}
