import type { Editor } from '@tiptap/react'
import { useEffect, useState } from 'react'
import type { Tool } from './tools.ts'

export interface ToolState {
  on: boolean
  possible: boolean
}

/** Shorter than the time in which a person looks from the keyboard to the toolbar. */
const PAUSE_MS = 60

/**
 * The state of each tool. Checking whether a tool is possible runs it as a trial, and there are
 * many tools, so the check runs after a burst of edits and not within each, to keep typing fast.
 */
export function useToolStates(editor: Editor, tools: readonly Tool[]): readonly ToolState[] {
  const [states, setStates] = useState(() => read(editor, tools))

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      timer = undefined
      const now = read(editor, tools)
      setStates((before) => (isSame(now, before) ? before : now))
    }
    const lookSoon = () => {
      timer ??= setTimeout(look, PAUSE_MS)
    }
    look()
    editor.on('transaction', lookSoon)
    return () => {
      clearTimeout(timer)
      editor.off('transaction', lookSoon)
    }
  }, [editor, tools])

  return states
}

function read(editor: Editor, tools: readonly Tool[]): ToolState[] {
  return tools.map((tool) => ({
    on: tool.isOn?.(editor) ?? false,
    possible: editor.isEditable && tool.isPossible(editor),
  }))
}

function isSame(one: readonly ToolState[], other: readonly ToolState[]): boolean {
  return one.every(
    ({ on, possible }, index) => on === other[index]?.on && possible === other[index]?.possible,
  )
}
