import * as monaco from 'monaco-editor'
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker?worker'
import { MonacoBinding } from 'y-monaco'
import * as Y from 'yjs'
import { styleCarets } from './carets'
import { find, openDocument } from './page'
import './page.css'
import './editor.css'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

const { doc, awareness } = openDocument('monaco')
const text = doc.getText('monaco')

const model = monaco.editor.createModel('', 'markdown')
const editor = monaco.editor.create(find('main'), {
  model,
  automaticLayout: true,
  minimap: { enabled: false },
  wordWrap: 'on',
})
const binding = new MonacoBinding(text, model, new Set([editor]), awareness)
styleCarets(awareness)

// Monaco's own undo knows nothing of the edits of others. This one takes back only the edits of this person.
const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([binding]) })
const { CtrlCmd, Shift } = monaco.KeyMod
const { KeyZ, KeyY } = monaco.KeyCode
editor.addCommand(CtrlCmd | KeyZ, () => undoManager.undo())
editor.addCommand(CtrlCmd | Shift | KeyZ, () => undoManager.redo())
editor.addCommand(CtrlCmd | KeyY, () => undoManager.redo())
