import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import { TEXT_BLOCKS } from '../blocks.ts'
import { shortcutInWords } from '../shortcut.ts'
import { canMove, duplicate, move, remove, turnInto } from './blockActions.ts'
import type { BlockTarget } from './blockTarget.ts'
import { MenuLine } from './MenuButton.tsx'

interface BlockMenuItemsProps {
  editor: Editor
  target: BlockTarget | null
}

/** Nodes without text of their own kind: they cannot become other blocks. */
const FIXED = new Set(['table', 'horizontalRule', 'image', 'video', 'audio', 'iframe', 'youtube'])

export function BlockMenuItems({ editor, target }: BlockMenuItemsProps) {
  if (target === null) return <p className="menu-empty">There is no block here.</p>
  const act = (action: () => void) => () => {
    editor.view.focus()
    action()
  }
  return (
    <>
      <Menu.SubmenuRoot>
        <Menu.SubmenuTrigger className="menu-item" disabled={FIXED.has(target.node.type.name)}>
          <MenuLine icon="paragraph" note="›">
            Turn into
          </MenuLine>
        </Menu.SubmenuTrigger>
        <Menu.Portal>
          <Menu.Positioner className="menu-place" sideOffset={4} alignOffset={-6}>
            <Menu.Popup className="menu">
              {TEXT_BLOCKS.map((block) => (
                <Menu.Item
                  key={block.name}
                  className="menu-item"
                  onClick={act(() => turnInto(editor, target, block))}
                >
                  <MenuLine icon={block.name}>{block.label}</MenuLine>
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.SubmenuRoot>
      <Menu.Item className="menu-item" onClick={act(() => duplicate(editor, target))}>
        <MenuLine note={shortcutInWords('Mod-D')}>Duplicate</MenuLine>
      </Menu.Item>
      <Menu.Item
        className="menu-item"
        disabled={!canMove(editor, target, -1)}
        onClick={act(() => move(editor, target, -1))}
      >
        <MenuLine note={shortcutInWords('Alt-Shift-↑')}>Move up</MenuLine>
      </Menu.Item>
      <Menu.Item
        className="menu-item"
        disabled={!canMove(editor, target, 1)}
        onClick={act(() => move(editor, target, 1))}
      >
        <MenuLine note={shortcutInWords('Alt-Shift-↓')}>Move down</MenuLine>
      </Menu.Item>
      <Menu.Separator className="menu-line" />
      <Menu.Item className="menu-item menu-item-danger" onClick={act(() => remove(editor, target))}>
        <MenuLine>Delete</MenuLine>
      </Menu.Item>
    </>
  )
}
