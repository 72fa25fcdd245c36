import type { RequestHandler } from 'express';
import { Fault } from '../../errors.js';
import { nearestWord } from '../../nearest-word.js';
import { OPERATIONS } from '../operations.js';

/** Characters of a name that are told back to whoever sent it. */
const SHOWN_MAX = 60;

/** What each reading operation may be asked with. A path comes before the pattern that it would fit, as in the table. */
const READS = OPERATIONS.filter(({ method }) => method === 'get').map(({ path, query }) => ({
  path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  known: Object.keys(query?.shape ?? {}),
}));

/**
 * A parameter that nobody reads is a filter that somebody believes in.
 *
 * @throws Fault BAD_PARAMETER that names every parameter that the operation does not have.
 */
export const knownParametersOnly: RequestHandler = ({ path, query }, _response, next) => {
  const known = READS.find((read) => read.path.test(path))?.known;
  const unknown = Object.keys(query).filter((name) => known?.includes(name) === false);
  if (known !== undefined && unknown.length > 0) {
    throw new Fault('BAD_PARAMETER', unknown.map((name) => complaint(name, known)).join('; '));
  }
  next();
};

function complaint(name: string, known: readonly string[]): string {
  const shown = Array.from(name).slice(0, SHOWN_MAX).join('');
  if (known.length === 0) return `"${shown}": this address takes no parameters`;
  const meant = nearestWord(shown, known);
  const advice = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return `"${shown}" is no parameter here; ${advice}`;
}
