// The script of the page of guard.test.ts. Tests use it as `guardLab`.
import { Plugin, PluginKey } from '@tiptap/pm/state'
import * as Y from 'yjs'
import { closeAll, documentWithWriters, el, open, p, textIn, words } from './guardEditors.ts'
import { faulty } from './guardFaults.ts'
import { property } from './guardProperty.ts'

/** A plugin without an effect, like one that a menu registers when it is shown. */
const pluginOfMenu = () => new Plugin({ key: new PluginKey('menu') })

const tools = {
  Y,
  documentWithWriters,
  open,
  closeAll,
  p,
  el,
  words,
  textIn,
  property,
  faulty,
  pluginOfMenu,
  current: null as unknown,
}

declare global {
  var guardLab: typeof tools
}
globalThis.guardLab = tools
