import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { KeyRule } from '@throughline/model/key';
import type { Run } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { stepsOfBody, stitched } from '../stitching/telling.js';

const FOLDER = new URL('../../fixtures/recorded/', import.meta.url);

/** The text of a recorded input; `.gz` files inflated. */
export function recorded(path: string): string {
  const bytes = readFileSync(new URL(path, FOLDER));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

/** The ground truth that lies beside an input. */
export function truth<T>(path: string): T {
  return JSON.parse(recorded(path)) as T;
}

export function sameKey(attribute: string, type = 'run'): KeyRule {
  return { attribute, type, relation: 'same' };
}

export function runsOf(path: string, keys: readonly KeyRule[] = []): Run[] {
  return runsOfSteps(stepsOfBody(recorded(path), keys));
}

export function runsOfSteps(steps: readonly Step[]): Run[] {
  const stitcher = stitched(steps);
  return [...stitcher.ids()].map((id) => stitcher.run(id) as Run);
}

/** The value of a run's key of that type. */
export function keyOf(run: Run, type = 'run'): string | undefined {
  return run.keys.find((key) => key.type === type && key.relation === 'same')?.value;
}
