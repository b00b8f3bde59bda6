import type { Editor } from '@tiptap/react'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { ToolButton } from './ToolButton.tsx'
import { type Tool, toolGroups, whyNot } from './tools.ts'
import { useKeyboardHeight } from './useKeyboardHeight.ts'
import { useRovingStop } from './useRovingStop.ts'
import { useToolStates } from './useToolStates.ts'

const ToolbarMenus = lazy(async () => {
  const { ToolbarMenus } = await import('./menus/ToolbarMenus.tsx')
  return { default: ToolbarMenus }
})

/** How long the reason why a tool is off stays readable, in milliseconds. */
const REASON_MS = 4_000

export function Toolbar({ editor, onLink }: { editor: Editor; onLink: () => void }) {
  const groups = useMemo(() => toolGroups(onLink), [onLink])
  const tools = useMemo(() => groups.flat(), [groups])
  const states = useToolStates(editor, tools)
  const [reason, setReason] = useState('')
  useKeyboardHeight()
  const { onFocus, onKeyDown, tabIndexOf } = useRovingStop(tools[0]?.name ?? '')

  useEffect(() => {
    if (reason === '') return
    const timer = setTimeout(() => setReason(''), REASON_MS)
    return () => clearTimeout(timer)
  }, [reason])

  const button = (tool: Tool) => {
    const { on, possible } = states[tools.indexOf(tool)] ?? { on: false, possible: false }
    return (
      <ToolButton
        key={tool.name}
        tool={tool}
        isOn={on}
        reason={possible ? null : whyNot(editor, tool)}
        tabIndex={tabIndexOf(tool.name)}
        onClick={() => (possible ? tool.run(editor) : setReason(whyNot(editor, tool)))}
      />
    )
  }

  const [history, ...formats] = groups.toReversed()
  return (
    <div className="toolbar-frame">
      <div
        className="toolbar"
        role="toolbar"
        aria-label="Formatting"
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      >
        {formats.toReversed().map((group) => (
          <div className="tool-group" key={group.map((tool) => tool.name).join(' ')}>
            {group.map(button)}
          </div>
        ))}
        <div className="tool-group">
          <Suspense fallback={<span className="tool-menus-loading" />}>
            <ToolbarMenus editor={editor} tabIndexOf={tabIndexOf} />
          </Suspense>
        </div>
        <div className="tool-group tool-group-history">{history?.map(button)}</div>
      </div>
      <p className="tool-reason" role="status">
        {reason}
      </p>
    </div>
  )
}
