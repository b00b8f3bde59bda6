import { Dialog } from '@base-ui/react/dialog'
import { useMemo } from 'react'
import { TEXT_BLOCKS } from './blocks.ts'
import { icons } from './icons.tsx'
import { shortcutInWords } from './shortcut.ts'
import { toolGroups } from './tools.ts'

const OTHERS: readonly (readonly [label: string, shortcut: string])[] = [
  ['Find and replace', 'Mod-F'],
  ['This list', 'Mod-/'],
  ['Duplicate the block', 'Mod-D'],
  ['Move the block up', 'Alt-Shift-↑'],
  ['Move the block down', 'Alt-Shift-↓'],
  ['Language of a code block', 'Escape'],
  ['Align left', 'Mod-Shift-L'],
  ['Align centre', 'Mod-Shift-E'],
  ['Align right', 'Mod-Shift-R'],
]

const TYPED: readonly (readonly [label: string, typed: string])[] = [
  ['Any block', '/'],
  ['Mention somebody', '@'],
  ['Emoji', ':smile'],
  ['Bold', '**text**'],
  ['Italic', '*text*'],
  ['Strike through', '~~text~~'],
  ['Highlight', '==text=='],
  ['Code', '`text`'],
  ['Divider', '---'],
  ['Table', '| a | b |'],
]

/** The list of all shortcuts. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const tools = useMemo(() => toolGroups(() => {}).flat(), [])
  const blocks = TEXT_BLOCKS.flatMap(({ label, markdown }) =>
    markdown === null ? [] : [[label, `${markdown} `] as const],
  )
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog">
          <header className="dialog-head">
            <Dialog.Title className="dialog-title">Keyboard shortcuts</Dialog.Title>
            <Dialog.Close className="tool" aria-label="Close">
              {icons.close}
            </Dialog.Close>
          </header>
          <div className="shortcuts">
            <List
              title="Keys"
              entries={[
                ...tools.map(({ label, shortcut }) => [label, shortcut] as const),
                ...OTHERS,
              ].map(([label, shortcut]) => [label, shortcutInWords(shortcut)])}
            />
            <List title="At the start of a line" entries={blocks} />
            <List title="While you type" entries={TYPED} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface ListProps {
  title: string
  entries: readonly (readonly [label: string, keys: string])[]
}

const List = ({ title, entries }: ListProps) => (
  <section>
    <h3>{title}</h3>
    <dl>
      {entries.map(([label, keys]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <kbd>{keys}</kbd>
          </dd>
        </div>
      ))}
    </dl>
  </section>
)
