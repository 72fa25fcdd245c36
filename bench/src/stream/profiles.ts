import { agent } from './agent.js';
import { choreography } from './choreography.js';
import { fanOut } from './fan-out.js';
import { noise } from './noise.js';
import { orchestrated } from './orchestrated.js';
import { oneRun } from './one-run.js';
import type { Profile } from './span.js';

export const PROFILES: readonly Profile[] = [
  choreography,
  orchestrated,
  fanOut,
  agent,
  noise,
  oneRun,
];

/** @throws Error that names the profiles there are. */
export function profileNamed(name: string): Profile {
  const found = PROFILES.find((profile) => profile.name === name);
  if (found) return found;
  const names = PROFILES.map((profile) => profile.name).join(', ');
  throw new Error(`"${name}" is no profile; there are ${names}`);
}
