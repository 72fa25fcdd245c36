import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { Fault } from '../errors.js';

/** `alerts.allow_private`: all private addresses, or the hosts that may have one. */
export type AllowPrivate = boolean | readonly string[];

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Ranges of inner networks. Everything else that is not public (link-local, multicast …) is for listed hosts only. */
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/**
 * Says which addresses alerts may be sent to: public ones over https, unless the configuration names others. It is
 * asked for the address that is connected to, after names are resolved: a name that changes its meaning between
 * check and connection gains nothing.
 */
export class AddressGuard {
  readonly #isAllAllowed: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #resolve: (host: string) => Promise<readonly Address[]>;

  constructor(
    allowPrivate: AllowPrivate,
    resolve = (host: string): Promise<readonly Address[]> => lookup(host, { all: true }),
  ) {
    this.#isAllAllowed = allowPrivate === true;
    const hosts = typeof allowPrivate === 'boolean' ? [] : allowPrivate;
    this.#hosts = new Set(hosts.map(plainHost));
    this.#resolve = resolve;
  }

  /**
   * What can be said of an address before anything is sent: at the start, and again with every message.
   *
   * @throws Fault ADDRESS_REFUSED
   */
  checkUrl(url: URL): void {
    const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
    if (!isHttp) throw refused(`${url.protocol} is neither https nor http`);
    if (url.username !== '' || url.password !== '') {
      throw refused('An address must not hold a name or a password');
    }
    const host = plainHost(url.hostname);
    if (ipaddr.isValid(host)) this.checkAddress(host, host);
    else if (/(^|\.)localhost$/.test(host) && !this.#isAllAllowed && !this.#hosts.has(host)) {
      throw refused(`${host} is this machine`);
    }
    if (url.protocol === 'http:' && !this.#isAllAllowed && !this.#hosts.has(host)) {
      throw refused(`${host} would be sent to in the clear: use https`);
    }
  }

  /**
   * @param host the name that was asked for; the address itself where there was none.
   * @throws Fault ADDRESS_REFUSED
   */
  checkAddress(host: string, address: string): void {
    const range = rangeOf(address);
    if (range === 'unicast' || this.#hosts.has(plainHost(host))) return;
    if (this.#isAllAllowed && PRIVATE_RANGES.has(range)) return;
    const what = host === address ? address : `${host} is ${address}, which`;
    throw refused(`${what} is not a public address (${range})`);
  }

  /**
   * The addresses of a host that may be connected to.
   *
   * @throws Fault ADDRESS_REFUSED when it has others only; the resolver's own error when it is unknown.
   */
  async addressesOf(host: string): Promise<readonly Address[]> {
    const plain = plainHost(host);
    const isLiteral = ipaddr.isValid(plain);
    const found = isLiteral
      ? [{ address: plain, family: plain.includes(':') ? 6 : 4 }]
      : await this.#resolve(plain);
    const allowed: Address[] = [];
    let refusal: unknown = refused(`${plain} has no address`);
    for (const each of found) {
      try {
        this.checkAddress(plain, each.address);
        allowed.push(each);
      } catch (error) {
        refusal = error;
      }
    }
    if (allowed.length === 0) throw refusal;
    return allowed;
  }
}

/** The kind of network an address lies in; an IPv4 address in the clothes of IPv6 is what it is underneath. */
function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'unknown';
}

function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function refused(why: string): Fault {
  return new Fault('ADDRESS_REFUSED', why);
}
