// Writes test/data/stores/hocuspocus.sqlite with the real packages, which have a native module of 28 MB: they are not
// installed with this repository. In a folder with `npm install @hocuspocus/server@4.7.0 @hocuspocus/extension-sqlite@4.7.0
// yjs@13.6.33`: node writeHocuspocus.mjs hocuspocus.sqlite. Prints what the documents hold.
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Hocuspocus } from '@hocuspocus/server'
import { XmlElement, XmlText } from 'yjs'

const [file] = process.argv.slice(2)
const server = new Hocuspocus({ quiet: true, extensions: [new SQLite({ database: file })] })

async function write(name, edit) {
  const connection = await server.openDirectConnection(name)
  await connection.transact(edit)
  await connection.disconnect()
}

await write('letter', (doc) => {
  const text = doc.getText('body')
  text.insert(0, 'Dear Bob, dear Eve')
  text.delete(8, 10)
})
await write('meeting/minutes', (doc) => {
  const paragraph = new XmlElement('paragraph')
  paragraph.insert(0, [new XmlText('Agreed: ')])
  doc.getXmlFragment('default').insert(0, [paragraph])
})
await write('letter', (doc) => doc.getText('body').insert(8, '!'))
await write('board', (doc) => {
  doc.getMap('cards').set('1', { title: 'Write', done: true })
  doc.getArray('order').insert(0, ['1'])
})
process.exit(0)
