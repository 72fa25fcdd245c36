import { isIPv4 } from 'node:net';
import { Fault } from '../errors.js';

/** Only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name === '::1' || name === '::ffff:127.0.0.1') return true;
  return isIPv4(name) && name.startsWith('127.');
}

/**
 * An address that others can reach asks for tokens, and this version cannot check tokens yet: it refuses rather
 * than pretend.
 *
 * @throws Fault OPEN_LISTEN
 */
export function mustBeLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new Fault(
    'OPEN_LISTEN',
    `Other machines could reach ${host}, and this version has no access tokens yet: it listens on loopback only`,
  );
}
