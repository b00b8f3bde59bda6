import { Menu } from '@base-ui/react/menu'
import type { Editor } from '@tiptap/react'
import { useState } from 'react'
import { INSERTIONS } from '../blocks.ts'
import { BlockMenuItems } from './BlockMenuItems.tsx'
import { blockAtSelection } from './blockTarget.ts'
import { MenuButton, MenuLine } from './MenuButton.tsx'
import { TableMenu } from './TableMenu.tsx'

interface ToolbarMenusProps {
  editor: Editor
  tabIndexOf: (name: string) => number
}

/** The buttons of the toolbar that open menus. */
export function ToolbarMenus({ editor, tabIndexOf }: ToolbarMenusProps) {
  const [target, setTarget] = useState(() => blockAtSelection(editor.state))
  return (
    <>
      <AlignMenu editor={editor} tabIndex={tabIndexOf('alignLeft')} />
      <MenuButton editor={editor} label="Insert" icon="plus" tabIndex={tabIndexOf('plus')}>
        {INSERTIONS.map(({ name, label, apply }) => (
          <Menu.Item
            key={name}
            className="menu-item"
            onClick={() => apply(editor.chain().focus()).run()}
          >
            <MenuLine icon={name}>{label}</MenuLine>
          </Menu.Item>
        ))}
      </MenuButton>
      <TableMenu editor={editor} tabIndex={tabIndexOf('table')} />
      <MenuButton
        editor={editor}
        label="Block at the caret"
        icon="grip"
        tabIndex={tabIndexOf('grip')}
        onOpen={() => setTarget(blockAtSelection(editor.state))}
      >
        <BlockMenuItems editor={editor} target={target} />
      </MenuButton>
    </>
  )
}

const ALIGNMENTS = [
  { value: 'left', label: 'Left', icon: 'alignLeft' },
  { value: 'center', label: 'Centre', icon: 'alignCenter' },
  { value: 'right', label: 'Right', icon: 'alignRight' },
  { value: 'justify', label: 'Justified', icon: 'alignJustify' },
] as const

function AlignMenu({ editor, tabIndex }: { editor: Editor; tabIndex: number }) {
  const read = () =>
    ALIGNMENTS.find(({ value }) => editor.isActive({ textAlign: value }))?.value ?? 'left'
  const [now, setNow] = useState<string>(read)
  return (
    <MenuButton
      editor={editor}
      label="Align"
      icon="alignLeft"
      tabIndex={tabIndex}
      onOpen={() => setNow(read())}
    >
      <Menu.RadioGroup
        value={now}
        onValueChange={(value: string) => {
          const chain = editor.chain().focus()
          // Left is what text without an alignment has, so it is not stored.
          if (value === 'left') chain.unsetTextAlign().run()
          else chain.setTextAlign(value).run()
        }}
      >
        {ALIGNMENTS.map(({ value, label, icon }) => (
          <Menu.RadioItem key={value} className="menu-item" value={value} closeOnClick>
            <MenuLine icon={icon}>{label}</MenuLine>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </MenuButton>
  )
}
