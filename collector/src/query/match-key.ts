import type { Key } from '@throughline/model/key';

const TRACE = 'trace:';
const HEX_32 = /^[0-9a-f]{32}$/;
const HEX_16 = /^[0-9a-f]{16}$/;

/** The parts of a run that a key can name. */
export interface KeyedRun {
  readonly keys: readonly Pick<Key, 'type' | 'value'>[];
  readonly traceIds: readonly string[];
}

/**
 * `order:8123` names the type, `8123` matches any type. A trace id is a key of type `trace`: 32 digits, or a
 * 16-digit Zipkin id as sent or padded.
 */
export function matchesKey(text: string, run: KeyedRun): boolean {
  const wanted = traceIdOf(text);
  if (wanted !== undefined && run.traceIds.includes(wanted)) return true;
  return run.keys.some((key) => key.value === text || `${key.type}:${key.value}` === text);
}

/** The trace id that a key text may mean, lower-case and padded; undefined when it can mean none. */
export function traceIdOf(text: string): string | undefined {
  const hex = (text.startsWith(TRACE) ? text.slice(TRACE.length) : text).toLowerCase();
  if (HEX_32.test(hex)) return hex;
  return HEX_16.test(hex) ? hex.padStart(32, '0') : undefined;
}
