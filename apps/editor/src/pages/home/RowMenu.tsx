import { Menu } from '@base-ui/react/menu'
import { EXPORT_FORMATS, type ExportFormat } from '../../documents/serverApi.ts'
import { nameOf, type Row } from '../../documents/serverList.ts'
import { icons } from '../../editor/icons.tsx'
import { saveExport } from '../../sharing/saveExport.ts'

interface RowMenuProps {
  row: Row
  onRename: () => void
  onDuplicate: () => void
  onDelete: () => void
  onProblem: (words: string) => void
}

/** The actions for a document of the list. */
export function RowMenu({ row, onRename, onDuplicate, onDelete, onProblem }: RowMenuProps) {
  const name = nameOf(row)
  const save = async (format: ExportFormat) =>
    onProblem(await saveExport({ docId: row.docId, title: name, format }))
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="contents-remove" aria-label={`More for “${name}”`}>
        {icons.more}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="menu-place" sideOffset={4} align="end" collisionPadding={8}>
          <Menu.Popup className="menu">
            <Menu.Item className="menu-item" onClick={onRename}>
              Rename
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={onDuplicate}>
              Duplicate
            </Menu.Item>
            <Menu.Separator className="menu-line" />
            {(Object.keys(EXPORT_FORMATS) as ExportFormat[]).map((format) => (
              <Menu.Item key={format} className="menu-item" onClick={() => void save(format)}>
                Download as {EXPORT_FORMATS[format].label}
              </Menu.Item>
            ))}
            <Menu.Separator className="menu-line" />
            <Menu.Item className="menu-item menu-item-danger" onClick={onDelete}>
              Delete
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
