import type { Place } from '@throughline/model/traffic';
import { expect, test } from 'vitest';
import { decode } from '../../collector/src/decode/decode.js';
import { normalize } from '../../collector/src/normalize/normalize.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { runsOfSteps, truth } from './recording.js';

interface Link {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount?: number;
}

interface Case {
  readonly name: string;
  readonly spans: readonly object[];
  readonly expected_links?: readonly Link[];
}

/** What this map shows besides, and Zipkin's does not have. */
const SHOWN_BESIDES: Readonly<Record<string, readonly string[]>> = {
  // The consumer's parent is the producer's span: so the message of both went through the consumer's broker.
  messagingSpansDontLinkWithoutBroker_consumer: ['producer_c05 > kafka_c05: 1, 0 failed'],
  // Somebody who does not say its name called: that is worth a node.
  unnamedEndpointsAreSkipped: ['unknown_service > frontend_c39: 1, 0 failed'],
};

/** Orphans have no edge (contract, fine print 9): nothing tells who called a span whose parent never came. */
const WITHOUT_PARENT: readonly string[] = ['missingIntermediateSpan'];

const cases = truth<Case[]>('zipkin-contract/cases.json').flatMap(
  ({ name, spans, expected_links: links }) => (links === undefined ? [] : [{ name, spans, links }]),
);

test.each(cases.map((each) => [each.name, each] as const))(
  'the map of case %s has the links that Zipkin finds',
  (name, { spans: told, links }) => {
    const { spans, rejected } = decode('zipkin-json', Buffer.from(JSON.stringify(told)));
    expect(rejected).toEqual([]);
    const counts = new Map<string, { calls: number; failed: number }>();
    for (const run of runsOfSteps(spans.map((span) => normalize(span, [])))) {
      for (const { from, to, isError } of contributionOf(run).hops) {
        const at = `${nameOf(from)} > ${nameOf(to)}`;
        const { calls, failed } = counts.get(at) ?? { calls: 0, failed: 0 };
        counts.set(at, { calls: calls + 1, failed: failed + (isError ? 1 : 0) });
      }
    }
    const shown = [...counts].map(([at, { calls, failed }]) => textOf(at, calls, failed));
    const expected = WITHOUT_PARENT.includes(name)
      ? []
      : links.map((link) =>
          textOf(`${link.parent} > ${link.child}`, link.callCount, link.errorCount ?? 0),
        );
    expect(shown.sort()).toEqual([...expected, ...(SHOWN_BESIDES[name] ?? [])].sort());
  },
);

function nameOf({ name }: Place): string {
  return name;
}

function textOf(at: string, calls: number, failed: number): string {
  return `${at}: ${String(calls)}, ${String(failed)} failed`;
}
