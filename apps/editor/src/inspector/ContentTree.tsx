import { memo, useState } from 'react'
import type { Doc } from 'yjs'
import { childCount, childrenOf, rootsOf, type TreeNode } from './outline.ts'

/** How many children of a node are shown at first. */
const STEP = 50
/** A root with at most this many children is open from the start. */
const SMALL = 200
/**
 * The children of a node with at most this many children are open too, if they also have at most
 * this many.
 */
const FEW = 20

interface ContentTreeProps {
  doc: Doc
  /** Changes with the content, because a Y.Doc remains the same object. */
  edition: number
}

/** The shared types of the document. Closed nodes are not read. */
export const ContentTree = memo(function ContentTree({ doc, edition }: ContentTreeProps) {
  const roots = rootsOf(doc)
  if (roots.length === 0) return <p className="inspector-nothing">The document is empty.</p>
  return (
    <ul className="tree" data-edition={edition}>
      {roots.map((node) => (
        <TreeItem
          key={node.key}
          node={node}
          startsOpen={node.branch !== null && childCount(node.branch) <= SMALL}
          opensBelow={node.branch !== null && childCount(node.branch) <= FEW}
        />
      ))}
    </ul>
  )
})

interface TreeItemProps {
  node: TreeNode
  startsOpen: boolean
  opensBelow: boolean
}

function TreeItem({ node, startsOpen, opensBelow }: TreeItemProps) {
  const [isOpen, setOpen] = useState(startsOpen)
  const { branch } = node
  if (branch === null || childCount(branch) === 0) {
    return (
      <li className="tree-leaf">
        <NodeLine node={node} />
      </li>
    )
  }
  return (
    <li>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <NodeLine node={node} />
        </summary>
        {isOpen && <Children branch={branch} opensBelow={opensBelow} />}
      </details>
    </li>
  )
}

interface ChildrenProps {
  branch: NonNullable<TreeNode['branch']>
  opensBelow: boolean
}

function Children({ branch, opensBelow }: ChildrenProps) {
  const [most, setMost] = useState(STEP)
  const nodes = childrenOf(branch, most)
  const more = childCount(branch) - nodes.length
  return (
    <ul>
      {nodes.map((node) => (
        <TreeItem
          key={node.key}
          node={node}
          startsOpen={opensBelow && node.branch !== null && childCount(node.branch) <= FEW}
          opensBelow={opensBelow}
        />
      ))}
      {more > 0 && nodes.length >= most && (
        <li>
          <button type="button" className="button-quiet" onClick={() => setMost(most + 4 * STEP)}>
            {more.toLocaleString('en')} more
          </button>
        </li>
      )}
    </ul>
  )
}

function NodeLine({ node: { name, kind, detail, preview, size } }: { node: TreeNode }) {
  return (
    <>
      {name !== '' && <span className="tree-name">{name}</span>}
      <span className="tree-kind">{kind}</span>
      {detail !== '' && <span className="tree-detail">{detail}</span>}
      {preview !== '' && <span className="tree-preview">{preview}</span>}
      {size !== '' && <span className="tree-size">{size}</span>}
    </>
  )
}
