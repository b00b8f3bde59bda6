import { icons } from './icons.tsx'
import { ariaShortcut, shortcutInWords } from './shortcut.ts'
import type { Tool } from './tools.ts'

interface ToolButtonProps {
  tool: Tool
  isOn: boolean
  /** The reason why the tool is off; null if it is possible. */
  reason: string | null
  tabIndex?: number
  onClick: () => void
}

export function ToolButton({ tool, isOn, reason, tabIndex, onClick }: ToolButtonProps) {
  return (
    <button
      type="button"
      className="tool"
      title={reason ?? `${tool.label} (${shortcutInWords(tool.shortcut)})`}
      aria-label={tool.label}
      aria-description={reason ?? undefined}
      aria-keyshortcuts={ariaShortcut(tool.shortcut)}
      aria-pressed={tool.isOn === undefined ? undefined : isOn}
      // Not `disabled`, which would move the focus out of the toolbar when the last step is undone.
      aria-disabled={reason !== null}
      tabIndex={tabIndex}
      data-tool={tool.name}
      // A press must not clear the selection that the tool acts on.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onClick}
    >
      {icons[tool.name]}
    </button>
  )
}
