import { ConfigError } from '../config.ts'

/**
 * A store that cannot be read, or that is not of the named kind. The message says what to correct.
 */
export class UnusableStore extends ConfigError {}
