import * as monaco from 'monaco-editor'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { MonacoBinding } from 'y-monaco'
import * as Y from 'yjs'
import { showCarets } from './carets'
import { find, openDocument } from './document'
import './style.css'
import './editor.css'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

const { doc, provider } = openDocument('monaco')
const text = doc.getText('monaco')

const model = monaco.editor.createModel('', 'markdown')
const editor = monaco.editor.create(find('#editor'), {
  model,
  automaticLayout: true,
  minimap: { enabled: false },
  wordWrap: 'on',
  theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'vs-dark' : 'vs',
})
const binding = new MonacoBinding(text, model, new Set([editor]), provider.awareness)
showCarets(provider.awareness)
// After the binding, which sets the text: on Windows Monaco would count a line end as two characters, and Yjs as one.
model.setEOL(monaco.editor.EndOfLineSequence.LF)

// Monaco's own undo takes back the edits of others too. The binding is the origin of the edits of this person.
const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([binding]) })
const { KeyCode, KeyMod } = monaco
editor.addCommand(KeyMod.CtrlCmd | KeyCode.KeyZ, () => undoManager.undo())
editor.addCommand(KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.KeyZ, () => undoManager.redo())
editor.addCommand(KeyMod.CtrlCmd | KeyCode.KeyY, () => undoManager.redo())
