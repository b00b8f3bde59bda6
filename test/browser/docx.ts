// A small Word file (.docx), as a word processor writes it.
import JSZip from 'jszip'
import { PICTURE } from '../api/picture.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006'

const TYPES = `${XML}<Types xmlns="${PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="png" ContentType="image/png"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>`

const relations = (...entries: (readonly [id: string, type: string, target: string])[]) =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">${entries
    .map(
      ([id, type, target]) =>
        `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`

const STYLES = `${XML}<w:styles xmlns:w="${WORD}">
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Epigraph"><w:name w:val="Epigraph"/></w:style>
</w:styles>`

const p = (words: string, style = '', run = '') =>
  `<w:p>${style === '' ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r>${run === '' ? '' : `<w:rPr>${run}</w:rPr>`}<w:t xml:space="preserve">${words}</w:t></w:r></w:p>`

const cell = (words: string) => `<w:tc>${p(words)}</w:tc>`

const PICTURE_RUN = `<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="A lamp"/><a:graphic><a:graphicData uri="${DRAWING}/picture"><pic:pic><pic:blipFill><a:blip r:embed="rId2"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`

const DOCUMENT = `${XML}<w:document xmlns:w="${WORD}" xmlns:r="${OFFICE}" xmlns:a="${DRAWING}/main" xmlns:pic="${DRAWING}/picture" xmlns:wp="${DRAWING}/wordprocessingDrawing"><w:body>
${p('The keeper’s log', 'Heading1')}
${p('A light in the dark', 'Epigraph')}
${p('Trimmed', '', '<w:b/><w:u w:val="single"/>')}
${PICTURE_RUN}
<w:tbl><w:tr>${cell('Night')}${cell('Ships')}</w:tr><w:tr>${cell('1')}${cell('3')}</w:tr></w:tbl>
</w:body></w:document>`

/** A heading, a style of its own, marks, a picture, a table and the header of a page. */
export async function wordFile(): Promise<Buffer> {
  const archive = new JSZip()
  archive.file('[Content_Types].xml', TYPES)
  archive.file('_rels/.rels', relations(['rId1', 'officeDocument', 'word/document.xml']))
  archive.file(
    'word/_rels/document.xml.rels',
    relations(['rId1', 'styles', 'styles.xml'], ['rId2', 'image', 'media/image1.png']),
  )
  archive.file('word/document.xml', DOCUMENT)
  archive.file('word/styles.xml', STYLES)
  archive.file('word/header1.xml', `${XML}<w:hdr xmlns:w="${WORD}">${p('Draft')}</w:hdr>`)
  archive.file('word/media/image1.png', PICTURE)
  return archive.generateAsync({ type: 'nodebuffer' })
}
