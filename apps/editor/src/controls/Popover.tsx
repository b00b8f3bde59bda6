import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'

interface PopoverProps {
  /** The accessible name of the panel. */
  label: string
  /** The accessible name of the button, if its content does not provide one. */
  buttonLabel?: string
  buttonClass: string
  button: ReactNode
  children: ReactNode
  /** The edge of the button to which the panel is aligned. */
  align?: 'start' | 'end'
}

/**
 * A button and a panel below it. Escape, moving the focus away, and a press elsewhere close the
 * panel.
 */
export function Popover(props: PopoverProps) {
  const { label, buttonLabel, buttonClass, align = 'end' } = props
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const panelId = useId()

  useEffect(() => {
    if (!isOpen) return
    panel.current?.focus()
    const closeOutside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'Escape' || !isOpen) return
    event.stopPropagation()
    setOpen(false)
    button.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only handles key events of its children.
    <div
      ref={root}
      className="popover-root"
      onKeyDown={onKeyDown}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null && !root.current?.contains(relatedTarget)) setOpen(false)
      }}
    >
      <button
        ref={button}
        type="button"
        className={buttonClass}
        aria-label={buttonLabel}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? panelId : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {props.button}
      </button>
      {isOpen && (
        <div
          ref={panel}
          id={panelId}
          className="popover"
          data-align={align}
          role="dialog"
          aria-label={label}
          tabIndex={-1}
        >
          {props.children}
        </div>
      )}
    </div>
  )
}
