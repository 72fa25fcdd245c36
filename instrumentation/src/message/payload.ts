import type { Attributes } from '@opentelemetry/api';
import { createHmac } from 'node:crypto';
import { ATTR } from '../attribute-names.js';
import { harmless } from '../harmless.js';
import { processState } from '../process-state.js';

/**
 * Size of a payload always; its keyed hash only when the app gave a key (THROUGHLINE_PAYLOAD_KEY): under a
 * key that is made up per process no two services could compare their hashes, and without a key short
 * values could be guessed. The payload itself never leaves the process.
 */
export function payloadAttributes(payload: unknown): Attributes {
  if (payload === undefined || payload === null) return {};
  const bytes = harmless('payload', () => payloadBytes(payload));
  if (bytes === undefined) return {};
  const key = processState().settings?.payloadKey ?? null;
  const attributes: Attributes = { [ATTR.payloadBytes]: bytes.byteLength };
  if (key === null) return attributes;
  const hash = createHmac('sha256', key).update(bytes).digest('hex');
  return { ...attributes, [ATTR.payloadHash]: `hmac-sha256:${hash}` };
}

/** Bytes as they go over the wire: text as UTF-8, anything else as JSON. */
function payloadBytes(payload: unknown): Uint8Array | undefined {
  if (payload instanceof Uint8Array) return payload;
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  try {
    const json = JSON.stringify(payload) as string | undefined;
    return json === undefined ? undefined : Buffer.from(json, 'utf8');
  } catch {
    // Cyclic or otherwise without a JSON form: it has no wire form that we could measure.
    return undefined;
  }
}
