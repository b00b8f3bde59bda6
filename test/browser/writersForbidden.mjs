// An authorize hook for a server under test: all users may read, and no user may write.
export default ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
