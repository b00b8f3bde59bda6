import { type FocusEvent, type KeyboardEvent, useState } from 'react'

/**
 * One tab stop for a whole toolbar; the arrow keys move inside it (the ARIA toolbar pattern). Buttons carry
 * their name as `data-tool`.
 */
export function useRovingStop(first: string) {
  const [stop, setStop] = useState(first)

  const onFocus = ({ target }: FocusEvent<HTMLElement>) => {
    const name = target.closest<HTMLElement>('[data-tool]')?.dataset.tool
    if (name !== undefined) setStop(name)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button[data-tool]')]
    const from = buttons.indexOf(document.activeElement as HTMLElement)
    const target = from === -1 ? null : nextStop(event.key, from, buttons.length)
    if (target === null) return
    event.preventDefault()
    buttons[target]?.focus()
    buttons[target]?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  const tabIndexOf = (name: string): 0 | -1 => (name === stop ? 0 : -1)
  return { onFocus, onKeyDown, tabIndexOf }
}

function nextStop(key: string, from: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (from + 1) % count
    case 'ArrowLeft':
      return (from - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
