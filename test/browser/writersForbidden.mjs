// An authorize hook for a server under test: everybody reads, nobody writes.
export default ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
