import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import type { ReactNode } from 'react'
import { type IconName, icons } from '../icons.tsx'

interface MenuButtonProps {
  editor: Editor
  label: string
  icon: IconName
  tabIndex?: number
  className?: string
  children: ReactNode
  onOpen?: () => void
  onClose?: () => void
}

/** A button that opens a menu about the text. After it closes, the text has the focus again. */
export function MenuButton(props: MenuButtonProps) {
  const { editor, label, icon, tabIndex, className = 'tool', children, onOpen, onClose } = props
  return (
    <Menu.Root modal={false} onOpenChange={(isOpen) => (isOpen ? onOpen?.() : onClose?.())}>
      <Menu.Trigger
        className={className}
        title={label}
        aria-label={label}
        tabIndex={tabIndex}
        data-tool={icon}
      >
        {icons[icon]}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="menu-place" sideOffset={6} align="start" collisionPadding={8}>
          <Menu.Popup className="menu" finalFocus={() => editor.view.dom}>
            {children}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

interface MenuLineProps {
  icon?: IconName | undefined
  note?: string | undefined
  children: ReactNode
}

/** The content of one line of a menu. */
export function MenuLine({ icon, note, children }: MenuLineProps) {
  return (
    <>
      <span className="menu-sign" aria-hidden="true">
        {icon === undefined ? null : icons[icon]}
      </span>
      <span className="menu-label">{children}</span>
      {note !== undefined && <span className="menu-note">{note}</span>}
    </>
  )
}
