import { readFileSync } from 'node:fs';
import { Fault } from '../errors.js';
import type { Env } from './config-document.js';

const PREFIX = 'THROUGHLINE_';
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  DATA: ['storage', 'sqlite'],
  FORWARD: ['forward', 'endpoint'],
  LISTEN: ['server', 'listen'],
  TOKENS: ['server', 'tokens'],
};

/** A value from the environment, with the name of its variable for error messages. */
export interface EnvironmentValue {
  readonly variable: string;
  readonly place: readonly string[];
  readonly value: string;
}

/**
 * `THROUGHLINE_DETECT__STALLED__GRACE=20s` sets `detect.stalled.grace`; with `_FILE` behind the name the value
 * is what the file holds (for secrets). `THROUGHLINE_DATA`, `_FORWARD`, `_LISTEN` and `_TOKENS` are short names. Variables
 * of the prefix without a double underscore belong to others (the instrumentation) and are left alone.
 *
 * @throws Fault BAD_CONFIG when a named file cannot be read.
 */
export function environmentLayer(env: Env): readonly EnvironmentValue[] {
  const values: EnvironmentValue[] = [];
  for (const [variable, given] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith(PREFIX) || given === undefined || given === '') continue;
    const isFile = variable.endsWith('_FILE');
    const name = variable.slice(PREFIX.length, isFile ? -'_FILE'.length : undefined);
    const place = SHORT_NAMES[name] ?? (name.includes('__') ? placeOf(name) : undefined);
    if (place === undefined) continue;
    values.push({ variable, place, value: isFile ? readSecret(given, variable) : given });
  }
  return values;
}

function placeOf(name: string): readonly string[] {
  return name.toLowerCase().split('__');
}

/** The content of a file that holds one secret, without the newline at its end. */
export function readSecret(path: string, wantedBy: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Fault('BAD_CONFIG', `${wantedBy}: the file ${path} cannot be read`, { cause });
  }
}
