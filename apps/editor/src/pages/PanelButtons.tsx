import { icons } from '../editor/icons.tsx'
import { shortcutInWords } from '../editor/shortcut.ts'
import type { Panel, PanelName } from './usePanel.ts'

const BUTTONS: readonly { name: PanelName; label: string; shortcut?: string }[] = [
  { name: 'outline', label: 'Outline' },
  { name: 'find', label: 'Find and replace', shortcut: 'Mod-F' },
  { name: 'history', label: 'History' },
  { name: 'assistant', label: 'Assistant' },
]

/** The buttons that open a panel beside the text. */
export function PanelButtons({ panel }: { panel: Panel }) {
  return (
    <div className="panel-buttons">
      {BUTTONS.map(({ name, label, shortcut }) => (
        <button
          key={name}
          type="button"
          className="bar-button bar-icon"
          aria-label={label}
          title={shortcut === undefined ? label : `${label} (${shortcutInWords(shortcut)})`}
          aria-expanded={panel.open === name}
          onClick={() => panel.toggle(name)}
        >
          {icons[name === 'shortcuts' ? 'keyboard' : name]}
        </button>
      ))}
    </div>
  )
}
