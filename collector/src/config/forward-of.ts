import { validateHeaderName, validateHeaderValue } from 'node:http';
import { fail, type CheckedEntries } from './checked-entries.js';
import type { ForwardTarget } from './config.js';

/** What the forwarding itself says about a request. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
]);

/** @throws Fault BAD_CONFIG for a header that cannot be sent, or that is not for the operator to say. */
export function forwardOf(checked: CheckedEntries): ForwardTarget | null {
  const { forward } = checked.entries;
  if (forward === undefined) return null;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(forward.headers ?? {})) {
    const place = ['forward', 'headers', name];
    const key = name.toLowerCase();
    if (OWN_HEADERS.has(key)) {
      fail(checked, place, `forward.headers: ${key} follows from what is sent: leave it out`);
    }
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      // The value may be a secret: it is not repeated.
      fail(
        checked,
        place,
        `forward.headers: "${name}" is no HTTP header, by its name or its value`,
      );
    }
    headers[key] = value;
  }
  return { endpoint: forward.endpoint, headers };
}
