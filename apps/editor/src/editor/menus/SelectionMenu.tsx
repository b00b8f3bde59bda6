import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import { useMemo, useState } from 'react'
import { createPortal } from 'react-dom'
import { TEXT_BLOCKS } from '../blocks.ts'
import { ToolButton } from '../ToolButton.tsx'
import { MARK_TOOLS, toolGroups, whyNot } from '../tools.ts'
import { useToolStates } from '../useToolStates.ts'
import { MenuButton, MenuLine } from './MenuButton.tsx'

interface SelectionMenuProps {
  editor: Editor
  element: HTMLElement
  onLink: () => void
}

/** The menu above selected text. */
export function SelectionMenu({ editor, element, onLink }: SelectionMenuProps) {
  const tools = useMemo(
    () =>
      toolGroups(onLink)
        .flat()
        .filter(({ name }) => MARK_TOOLS.includes(name)),
    [onLink],
  )
  const states = useToolStates(editor, tools)
  const [now, setNow] = useState('')
  return createPortal(
    <div className="selection-menu" role="toolbar" aria-label="Formatting of the selection">
      <MenuButton
        editor={editor}
        label="Turn into"
        icon="paragraph"
        onOpen={() => setNow(TEXT_BLOCKS.find(({ isOn }) => isOn?.(editor))?.name ?? '')}
      >
        <Menu.RadioGroup value={now}>
          {TEXT_BLOCKS.map(({ name, label, apply }) => (
            <Menu.RadioItem
              key={name}
              className="menu-item"
              value={name}
              closeOnClick
              onClick={() => apply(editor.chain().focus()).run()}
            >
              <MenuLine icon={name}>{label}</MenuLine>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </MenuButton>
      {tools.map((tool, index) => {
        const { on, possible } = states[index] ?? { on: false, possible: false }
        return (
          <ToolButton
            key={tool.name}
            tool={tool}
            isOn={on}
            reason={possible ? null : whyNot(editor, tool)}
            onClick={() => possible && tool.run(editor)}
          />
        )
      })}
    </div>,
    element,
  )
}
