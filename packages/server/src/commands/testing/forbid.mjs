export default () => 'forbidden'
