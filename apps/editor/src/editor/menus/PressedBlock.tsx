import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import { useEffect, useRef, useState } from 'react'
import { BlockMenuItems } from './BlockMenuItems.tsx'
import { type BlockTarget, blockAtHeight } from './blockTarget.ts'
import { watchLongPress } from './longPress.ts'

interface Pressed {
  readonly target: BlockTarget
  /** Where the finger is; the menu leaves room for the handles of the selection. */
  readonly place: { readonly getBoundingClientRect: () => DOMRect }
}

/** About the height of a line of text, in pixels. */
const LINE = 32

/** Base UI has this property and does not document it. With the focus in the menu, the word would not stay selected. */
const KEEPS_FOCUS = { initialFocus: false }

/** The menu of the block on which a finger rests. */
export function PressedBlock({ editor }: { editor: Editor }) {
  const [pressed, setPressed] = useState<Pressed | null>(null)
  // Some browsers make a click of the finger that is lifted, which is no press outside of the menu.
  const isHeld = useRef(false)
  useEffect(() => {
    const { dom } = editor.view
    const close = () => setPressed(null)
    const release = () => {
      isHeld.current = false
    }
    const stop = watchLongPress(dom, {
      onPress({ clientX, clientY }) {
        isHeld.current = true
        const target = blockAtHeight(editor.view, clientY)
        const box = new DOMRect(clientX - 1, clientY - LINE / 2, 2, LINE)
        setPressed(target && { target, place: { getBoundingClientRect: () => box } })
      },
      onMove: close,
    })
    dom.addEventListener('keydown', close)
    document.addEventListener('pointerdown', release, { capture: true })
    return () => {
      stop()
      dom.removeEventListener('keydown', close)
      document.removeEventListener('pointerdown', release, { capture: true })
    }
  }, [editor])
  if (pressed === null) return null
  const onOpenChange = (isOpen: boolean) => {
    if (!isOpen && !isHeld.current) setPressed(null)
  }
  return (
    <Menu.Root open modal={false} onOpenChange={onOpenChange}>
      <Menu.Portal>
        <Menu.Positioner
          className="menu-place"
          anchor={pressed.place}
          sideOffset={LINE}
          collisionPadding={8}
        >
          <Menu.Popup className="menu" aria-label="Block" finalFocus={false} {...KEEPS_FOCUS}>
            <BlockMenuItems editor={editor} target={pressed.target} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
