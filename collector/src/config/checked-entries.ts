import { Fault } from '../errors.js';
import type { ListenAddress } from './config.js';
import type { ConfigDocument, Place } from './config-document.js';
import type { ConfigEntries } from './config-schema.js';

/** What the schema let pass, and where it came from: the input of everything that gives it meaning. */
export interface CheckedEntries {
  readonly entries: ConfigEntries;
  readonly listen: ListenAddress;
  readonly grpc: ListenAddress | null;
  readonly document: ConfigDocument | null;
  /** Paths of the file are relative to it. */
  readonly folder: string;
  /** Set by the command line; goes before whatever the file says. */
  readonly dataFolder: string | null;
  readonly cwd: string;
}

/** @throws Fault BAD_CONFIG that names the place in the file. */
export function fail(checked: CheckedEntries, place: Place, message: string): never {
  throw new Fault('BAD_CONFIG', `${checked.document?.at(place) ?? 'configuration'}: ${message}`);
}
