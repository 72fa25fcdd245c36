import type { AttributeValue, Attributes } from '@throughline/model/step';
import { structured } from './structured-value.js';

/** Values that one path may give; a longer list is cut. */
const VALUES_MAX = 4_096;

/**
 * The values at a path: an attribute's name, or the name of a structured attribute with a way into it.
 * `data.links[].target` is `target` of each element; `a.b` may be the attribute `a.b` or the field `b` of `a`.
 */
export function valuesAt(attributes: Attributes, path: string): readonly AttributeValue[] {
  const whole = attributes.get(path);
  if (whole !== undefined) return [whole];
  for (let cut = path.length - 1; cut > 0; cut--) {
    const isBoundary = path[cut] === '.' || path.startsWith('[]', cut);
    const found = isBoundary ? attributes.get(path.slice(0, cut)) : undefined;
    if (found === undefined) continue;
    return walk(found, stepsOf(path.slice(cut)));
  }
  return [];
}

/** `[].target.id` → `[]`, `target`, `id`. */
function stepsOf(rest: string): readonly string[] {
  return rest
    .replaceAll('[]', '.[]')
    .split('.')
    .filter((step) => step !== '');
}

function walk(start: AttributeValue, steps: readonly string[]): readonly AttributeValue[] {
  let here: AttributeValue[] = [structured(start)];
  for (const step of steps) {
    const next: AttributeValue[] = [];
    for (const value of here) {
      if (next.length > VALUES_MAX) break;
      if (step === '[]') next.push(...elements(value));
      else next.push(...fieldOf(value, step));
    }
    here = next.slice(0, VALUES_MAX);
  }
  return here;
}

function elements(value: AttributeValue): readonly AttributeValue[] {
  return Array.isArray(value) ? (value as readonly AttributeValue[]).slice(0, VALUES_MAX) : [];
}

function fieldOf(value: AttributeValue, name: string): readonly AttributeValue[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const record = value as Readonly<Record<string, AttributeValue>>;
  const found = Object.hasOwn(record, name) ? record[name] : undefined;
  return found === undefined ? [] : [found];
}
