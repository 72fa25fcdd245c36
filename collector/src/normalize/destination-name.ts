import type { StepRole } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';

/** Where a message goes or comes from. */
export interface Destination {
  readonly name: string;
  readonly subscription: string | null;
  /** Sent straight to one queue, past every exchange or topic. */
  readonly isQueue: boolean;
  /** The span named no destination: `name` holds the broker's name, and the other side may know better. */
  readonly isVague: boolean;
}

/** What the destination is read from. */
export interface DestinationSource {
  readonly span: WireSpan;
  readonly system: string;
  readonly role: StepRole;
  readonly reader: AttributeReader;
}

const OPERATION_WORDS =
  'publish|send|receive|process|deliver|create|subscribe|consume|poll|fetch|ack|nack|settle|add|addBulk';
const OPERATION_FIRST = new RegExp(`^(?:${OPERATION_WORDS})\\s+(?:to\\s+|from\\s+)?(\\S.*)$`);
const OPERATION_LAST = new RegExp(`^(\\S.*?)\\s+(?:${OPERATION_WORDS})$`);

/** Names of spans are few and come again and again; taking one apart costs more than all else about it. */
const known = new Map<string, string | null>();
const KNOWN_MAX = 10_000;

/** Both orders of the conventions: `send orders` since 1.27, `orders send` before. */
export function nameWithoutOperation(name: string): string | null {
  const found = known.get(name);
  if (found !== undefined) return found;
  const rest = takenApart(name);
  if (known.size >= KNOWN_MAX) known.clear();
  if (name.length <= KNOWN_CHARS_MAX) known.set(name, rest);
  return rest;
}

const KNOWN_CHARS_MAX = 200;

function takenApart(name: string): string | null {
  const rest = (OPERATION_FIRST.exec(name) ?? OPERATION_LAST.exec(name))?.[1]?.trim() ?? null;
  if (rest === null || rest === '<default>' || rest === '(temporary)' || rest === 'unknown')
    return null;
  return rest;
}
