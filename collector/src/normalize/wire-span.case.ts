import { spanId, traceId } from '@throughline/model/ids';
import type { KeyRule } from '@throughline/model/key';
import type { AttributeValue, Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import { expect } from 'vitest';
import type { SequencedAttributes, WireKind, WireLink, WireSpan } from '../wire.js';
import { normalize } from './normalize.js';

export type Plain = Readonly<Record<string, AttributeValue>>;

/** A span as a test tells it: only what matters to it. */
export interface Told {
  readonly name?: string;
  readonly kind?: WireKind;
  readonly attributes?: Plain;
  readonly resource?: Plain;
  readonly events?: readonly { readonly name: string; readonly attributes?: Plain }[];
  readonly links?: readonly Plain[];
  readonly status?: WireSpan['status'];
  readonly statusMessage?: string;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly peer?: string;
  readonly scopeName?: string;
  readonly isShared?: boolean;
}

const TRACE = traceId('0af7651916cd43dd8448eb211c80319c');
const SPAN = spanId('b7ad6b7169203331');
if (!TRACE || !SPAN) throw new Error('the ids of this case are ids');
const ids = { traceId: TRACE, spanId: SPAN };

const map = (plain: Plain = {}): Map<string, AttributeValue> => new Map(Object.entries(plain));
const link = (attributes: Plain): WireLink => ({
  traceState: '',
  flags: 0,
  ...ids,
  attributes: map(attributes),
});

export function wireSpan(told: Told): WireSpan {
  const start = told.start ?? 1_000_000_000n;
  return {
    ...ids,
    parentSpanId: null,
    name: told.name ?? 'a span',
    kind: told.kind ?? 'internal',
    startedAtNs: start as UnixNs,
    endedAtNs: (told.end ?? start + 5n) as UnixNs,
    attributes: map(told.attributes),
    links: (told.links ?? []).map(link),
    events: (told.events ?? []).map(({ name, attributes }) => ({
      name,
      atNs: start as UnixNs,
      attributes: map(attributes),
    })),
    status: told.status ?? 'unset',
    statusMessage: told.statusMessage ?? '',
    resource: map(told.resource ?? { 'service.name': 'checkout' }),
    scopeName: told.scopeName ?? '',
    scopeVersion: '',
    scopeAttributes: new Map(),
    traceState: '',
    flags: 0,
    isShared: told.isShared ?? false,
    peer: told.peer ?? null,
  };
}

/** The step of a span; the same one whether it shares its names with other spans or not. */
export function step(told: Told, rules: readonly KeyRule[] = []): Step {
  const span = wireSpan(told);
  const made = normalize(span, rules);
  const other = normalize({ ...span, attributes: new Sequenced(span.attributes) }, rules);
  expect({ ...other, attributes: [...other.attributes] }).toEqual({
    ...made,
    attributes: [...made.attributes],
  });
  return made;
}

/** Attributes as the protobuf reader gives them. */
class Sequenced extends Map<string, AttributeValue> implements SequencedAttributes {
  readonly listed = [...this.values()];
  readonly sequence = {
    names: [...this.keys()],
    placeOf: (name: string): number | undefined => {
      const place = this.sequence.names.indexOf(name);
      return place < 0 ? undefined : place;
    },
  };
}
