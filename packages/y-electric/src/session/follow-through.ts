import type { Platform } from '../io/platform.ts'
import { type Following, type FollowOptions, followShape } from '../io/shape-reader.ts'
import type { Tabs } from '../tabs/tabs.ts'
import type { LazyPart } from './lazy-part.ts'

export type Follow = (options: FollowOptions) => Following

/** Follows shapes with streams of its own, or through the tab that leads. */
export const followThrough =
  (tabs: LazyPart<Tabs> | null, { ShapeStream }: Platform): Follow =>
  (options) => {
    const following = { ...options, ShapeStream }
    if (tabs === null) return followShape(following)
    return tabs.part?.follow(following) ?? followUntilShared(following, tabs)
  }

/**
 * Follows with a stream of its own until the code for tabs is there, and then through the tabs from
 * where that stream was. It never waits for the code, and finishes the catch-up that it has begun.
 */
function followUntilShared(options: FollowOptions, tabs: LazyPart<Tabs>): Following {
  const { start, onPosition, onEnd, onAsking } = options
  let from = start
  let isOver = false
  let shared: Tabs | null = null
  const handOver = (): void => {
    if (shared === null || isOver || typeof from === 'string') return
    current.stop()
    onAsking?.(false)
    current = shared.follow({ ...options, start: from })
    shared = null
  }
  const end = (): void => {
    isOver = true
    tabs.forget(handOver)
  }
  let current = followShape({
    ...options,
    // The tabs begin where the backlog ends. A stream would be left at once.
    backlogFirst: null,
    onPosition(position) {
      from = position
      onPosition?.(position)
      handOver()
    },
    onEnd(reason) {
      end()
      onEnd(reason)
    },
  })
  tabs.do((part) => {
    shared = part
    handOver()
  }, handOver)
  return {
    stop() {
      end()
      current.stop()
    },
    reread: () => current.reread(),
  }
}
