import { Popover as Base } from '@base-ui/react/popover'
import { type ReactNode, useRef } from 'react'

export interface PopoverProps {
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

interface PopoverPanelProps extends PopoverProps {
  /** True if the person has pressed the button already. */
  isWanted: boolean
}

/** A button and a panel below it. Escape, moving the focus away, and a press elsewhere close the panel. */
export function PopoverPanel(props: PopoverPanelProps) {
  const { label, buttonLabel, buttonClass, align = 'end' } = props
  const panel = useRef<HTMLDivElement>(null)
  return (
    <Base.Root defaultOpen={props.isWanted}>
      <Base.Trigger className={buttonClass} aria-label={buttonLabel}>
        {props.button}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner
          className="popover-place"
          align={align}
          sideOffset={6}
          collisionPadding={8}
        >
          {/* The panel itself has the focus first: a text field would open the keyboard of a phone. */}
          <Base.Popup ref={panel} className="popover" aria-label={label} initialFocus={panel}>
            {props.children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
