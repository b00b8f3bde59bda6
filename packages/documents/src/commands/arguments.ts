import type { Argument } from 'commander'
import { ConfigError } from '../config.ts'
import type { Option } from './options.ts'

/** A command line that cannot be run. */
export class UsageError extends ConfigError {}

/** The arguments and options of a command, as they were given. */
export interface Arguments {
  /** The value of an option, or its default. */
  option<T>(option: Option<T>): T
  /** An argument; empty if it is optional and was not given. */
  argument(argument: Argument): string
}
