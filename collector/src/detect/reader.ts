import type { UnixNs } from '@throughline/model/time';
import { LatestInstants } from './latest-instants.js';

/** What a service took of a type of message, and when last. */
export class Reader {
  readonly service: string;
  readonly takings = new LatestInstants();

  constructor(service: string) {
    this.service = service;
  }

  get takenCount(): number {
    return this.takings.count;
  }

  get lastAtNs(): UnixNs {
    return this.takings.last ?? (0n as UnixNs);
  }
}
