import { type CSSProperties, useEffect } from 'react'
import type { Awareness } from 'y-protocols/awareness'
import { follow, useFollowed } from './follow.ts'
import { usePeople } from './usePeople.ts'

/** Actions of this person after which the page no longer moves by itself. */
const OWN_WAYS = ['wheel', 'touchmove', 'keydown'] as const

/** Keeps the caret of the followed person in view, until this person moves the page or types. */
export function Following({ awareness }: { awareness: Awareness }) {
  const followed = useFollowed()
  const people = usePeople(awareness)
  const person = people.find(({ id, isYou }) => !isYou && id === followed?.id) ?? null
  const id = person?.id ?? null

  useEffect(() => () => follow(null), [])
  useEffect(() => {
    if (id === null) return
    let frame: number | null = null
    const look = () => {
      frame ??= requestAnimationFrame(() => {
        frame = null
        const caret = document.querySelector(`.caret[data-person="${CSS.escape(id)}"]`)
        caret?.scrollIntoView({ block: 'center', behavior: isStill() ? 'auto' : 'smooth' })
      })
    }
    const stop = (event: Event) => {
      const isInBar = event.target instanceof Element && event.target.closest('.bar, .following')
      if (!isInBar) follow(null)
    }
    look()
    awareness.on('change', look)
    // The editor draws the caret some time after the change.
    const drawn = new MutationObserver((changes) => {
      if (changes.some(({ addedNodes }) => [...addedNodes].some(hasCaret))) look()
    })
    drawn.observe(document.body, { childList: true, subtree: true })
    for (const way of OWN_WAYS) window.addEventListener(way, stop, { passive: true })
    return () => {
      if (frame !== null) cancelAnimationFrame(frame)
      awareness.off('change', look)
      drawn.disconnect()
      for (const way of OWN_WAYS) window.removeEventListener(way, stop)
    }
  }, [awareness, id])

  if (person === null) return null
  return (
    <p className="following" role="status" style={{ '--person': person.color } as CSSProperties}>
      Following {person.name}
      <button type="button" className="button-quiet" onClick={() => follow(null)}>
        Stop
      </button>
    </p>
  )
}

const hasCaret = (node: Node): boolean =>
  node instanceof Element && (node.matches('.caret') || node.querySelector('.caret') !== null)

const isStill = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches
