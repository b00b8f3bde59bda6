import { Board, COLUMNS, type Column } from './board'
import { find, openDocument } from './page'
import './page.css'
import './board.css'

const { doc, awareness } = openDocument('kanban')
const board = new Board(doc)

const main = find('main')
main.className = 'board'
const lists = new Map(COLUMNS.map((column) => [column, addColumn(column)]))
const elements = new Map<string, HTMLElement>()

const input = Object.assign(document.createElement('input'), {
  className: 'board-new',
  placeholder: 'A new card',
})
const form = document.createElement('form')
form.append(input)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (input.value.trim() !== '') board.add(input.value)
  input.value = ''
})
main.before(form)

document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
  event.preventDefault()
  if (event.shiftKey) board.undoManager.redo()
  else board.undoManager.undo()
})

function addColumn(column: Column): HTMLElement {
  const section = document.createElement('section')
  section.append(Object.assign(document.createElement('h2'), { textContent: column }))
  const list = document.createElement('ul')
  section.append(list)
  section.addEventListener('dragover', (event) => event.preventDefault())
  section.addEventListener('drop', (event) => {
    event.preventDefault()
    const before = (event.target as Element).closest('li')?.dataset.id ?? null
    board.move(event.dataTransfer?.getData('text/plain') ?? '', column, before)
  })
  main.append(section)
  return list
}

function addCard(id: string): HTMLElement {
  const item = document.createElement('li')
  item.dataset.id = id
  item.draggable = true
  item.addEventListener('dragstart', (event) => event.dataTransfer?.setData('text/plain', id))
  const title = Object.assign(document.createElement('input'), { ariaLabel: 'Title' })
  title.addEventListener('input', () => board.rename(id, title.value))
  // The others see which card this person is at.
  title.addEventListener('focus', () => awareness.setLocalStateField('card', id))
  title.addEventListener('blur', () => awareness.setLocalStateField('card', null))
  const remove = Object.assign(document.createElement('button'), {
    textContent: '×',
    title: 'Delete',
  })
  remove.addEventListener('click', () => board.remove(id))
  item.append(title, remove)
  elements.set(id, item)
  return item
}

/** Brings the page in line with the document. An element stays while its card does, so that nobody loses the focus. */
function show(): void {
  const gone = new Set(elements.keys())
  for (const [column, list] of lists) {
    let previous: Element | null = null
    for (const [id, { title }] of board.cardsIn(column)) {
      gone.delete(id)
      const item = elements.get(id) ?? addCard(id)
      const next: Element | null =
        previous === null ? list.firstElementChild : previous.nextElementSibling
      if (item !== next) list.insertBefore(item, next)
      const field = item.querySelector('input')
      if (field !== null && field.value !== title) field.value = title
      previous = item
    }
  }
  for (const id of gone) {
    elements.get(id)?.remove()
    elements.delete(id)
  }
}

/** Marks the cards that other people are at with their names and colours. */
function showPeople(): void {
  for (const item of elements.values()) {
    delete item.dataset.person
    item.style.removeProperty('--person')
  }
  for (const [client, { card, user }] of awareness.getStates()) {
    const item = elements.get(card)
    if (client === doc.clientID || item === undefined || user === undefined) continue
    item.dataset.person = user.name
    item.style.setProperty('--person', user.color)
  }
}

const showAll = () => {
  show()
  showPeople()
}
board.onChange(showAll)
awareness.on('change', showPeople)
showAll()
