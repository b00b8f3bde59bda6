// An authorize hook for a server under test: everyone may read, nobody may write.
export default ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
