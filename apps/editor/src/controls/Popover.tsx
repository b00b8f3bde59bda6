import { lazy, Suspense, useState } from 'react'
import type { PopoverProps } from './PopoverPanel.tsx'

// The code of the panels is a seventh of what the page loads first, and no panel is open then.
const PopoverPanel = lazy(async () => {
  const { PopoverPanel } = await import('./PopoverPanel.tsx')
  return { default: PopoverPanel }
})

/** A button and a panel below it. A press that comes before the code of the panel opens it when the code is there. */
export function Popover(props: PopoverProps) {
  const [isWanted, setWanted] = useState(false)
  const loading = (
    <button
      type="button"
      className={props.buttonClass}
      aria-label={props.buttonLabel}
      aria-haspopup="dialog"
      aria-expanded={false}
      onClick={() => setWanted(true)}
    >
      {props.button}
    </button>
  )
  return (
    <Suspense fallback={loading}>
      <PopoverPanel {...props} isWanted={isWanted} />
    </Suspense>
  )
}
