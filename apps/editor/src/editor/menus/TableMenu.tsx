import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import { Fragment, useState } from 'react'
import { isPossible, isTableSelected, runTableTool, TABLE_TOOLS } from '../tables/tableTools.ts'
import { MenuButton, MenuLine } from './MenuButton.tsx'

/** The tools for the table around the caret. */
export function TableMenu({ editor, tabIndex }: { editor: Editor; tabIndex: number }) {
  const [isInside, setInside] = useState(() => isTableSelected(editor))
  return (
    <MenuButton
      editor={editor}
      label="Table"
      icon="table"
      tabIndex={tabIndex}
      onOpen={() => setInside(isTableSelected(editor))}
    >
      {isInside ? (
        TABLE_TOOLS.map((group, index) => (
          <Fragment key={group[0]?.label}>
            {index > 0 && <Menu.Separator className="menu-line" />}
            {group.map((tool) => (
              <Menu.Item
                key={tool.label}
                className="menu-item"
                disabled={!isPossible(editor, tool)}
                onClick={() => runTableTool(editor, tool)}
              >
                <MenuLine>{tool.label}</MenuLine>
              </Menu.Item>
            ))}
          </Fragment>
        ))
      ) : (
        <p className="menu-empty">Place the caret in a table to change its rows and columns.</p>
      )}
    </MenuButton>
  )
}
