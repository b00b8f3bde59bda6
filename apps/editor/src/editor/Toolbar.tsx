import type { Editor } from '@tiptap/react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { icons } from './icons.tsx'
import { ariaShortcut, shortcutInWords } from './shortcut.ts'
import { type Tool, toolGroups } from './tools.ts'
import { useToolStates } from './useToolStates.ts'

export function Toolbar({ editor, onLink }: { editor: Editor; onLink: () => void }) {
  const groups = useMemo(() => toolGroups(onLink), [onLink])
  const tools = useMemo(() => groups.flat(), [groups])
  const states = useToolStates(editor, tools)
  const { stop, onKeyDown, onFocus } = useRovingStop(tools.length)

  const button = (tool: Tool) => {
    const index = tools.indexOf(tool)
    const { on, possible } = states[index] ?? { on: false, possible: false }
    return (
      <button
        key={tool.name}
        type="button"
        className="tool"
        title={`${tool.label} (${shortcutInWords(tool.shortcut)})`}
        aria-label={tool.label}
        aria-keyshortcuts={ariaShortcut(tool.shortcut)}
        aria-pressed={tool.isOn === undefined ? undefined : on}
        // Not `disabled`, which would move the focus out of the toolbar when the last step is undone.
        aria-disabled={!possible}
        tabIndex={index === stop ? 0 : -1}
        data-tool={tool.name}
        onFocus={() => onFocus(index)}
        // A press must not clear the selection that the tool acts on.
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => possible && tool.run(editor)}
      >
        {icons[tool.name]}
      </button>
    )
  }

  return (
    <div className="toolbar" role="toolbar" aria-label="Formatting" onKeyDown={onKeyDown}>
      {groups.map((group) => (
        <div className="tool-group" key={group.map((tool) => tool.name).join(' ')}>
          {group.map(button)}
        </div>
      ))}
    </div>
  )
}

/** One tab stop for the whole toolbar; the arrow keys move inside it (the ARIA toolbar pattern). */
function useRovingStop(count: number) {
  const [stop, setStop] = useState(0)
  const latest = useRef(0)

  const onFocus = (index: number) => {
    latest.current = index
    setStop(index)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = nextStop(event.key, latest.current, count)
    if (target === null) return
    event.preventDefault()
    const button = event.currentTarget.querySelectorAll('button')[target]
    button?.focus()
    button?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  return { stop, onFocus, onKeyDown }
}

function nextStop(key: string, from: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (from + 1) % count
    case 'ArrowLeft':
      return (from - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
