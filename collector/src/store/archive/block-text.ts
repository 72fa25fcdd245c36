import type { ArchivedRun, RunSort, RunSummary } from '../read-store.js';
import type { StoredFamily } from '../run-archive.js';
import type { BlockHead } from './block.js';

/** Families as JSON: instants as text, sketches as base64, body ids as differences. */
export function blockText(families: readonly StoredFamily[]): string {
  return JSON.stringify(
    families.map(({ runs, bodyIds }) => ({
      b: bodyIds.map((id, at) => id - (bodyIds[at - 1] ?? 0)),
      r: runs.map(({ summary, attributeWords }) => ({
        ...summary,
        startedAtNs: String(summary.startedAtNs),
        lastActivityAtNs: String(summary.lastActivityAtNs),
        endedAtNs: summary.endedAtNs === null ? null : String(summary.endedAtNs),
        durationNs: String(summary.durationNs),
        a: base64Of(attributeWords),
      })),
    })),
  );
}

type SummaryJson = Omit<
  RunSummary,
  'startedAtNs' | 'lastActivityAtNs' | 'endedAtNs' | 'durationNs'
> & {
  readonly startedAtNs: string;
  readonly lastActivityAtNs: string;
  readonly endedAtNs: string | null;
  readonly durationNs: string;
  readonly a: string;
};

export function familiesOf(text: string): readonly StoredFamily[] {
  const families = JSON.parse(text) as readonly { b: readonly number[]; r: SummaryJson[] }[];
  return families.map(({ b, r }) => {
    let id = 0;
    return { runs: r.map(runOf), bodyIds: b.map((step) => (id += step)) };
  });
}

function runOf({ a, ...json }: SummaryJson): ArchivedRun {
  return {
    summary: {
      ...json,
      startedAtNs: BigInt(json.startedAtNs) as RunSummary['startedAtNs'],
      lastActivityAtNs: BigInt(json.lastActivityAtNs) as RunSummary['lastActivityAtNs'],
      endedAtNs: (json.endedAtNs === null
        ? null
        : BigInt(json.endedAtNs)) as RunSummary['endedAtNs'],
      durationNs: BigInt(json.durationNs),
    },
    attributeWords: wordsOf(a),
  };
}

export function headText(head: BlockHead): string {
  return JSON.stringify(head, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

type Pair<T> = readonly [T, T];

export function headFrom(text: string): BlockHead {
  const head = JSON.parse(text, withoutPrototypes) as Omit<BlockHead, 'bounds'> & {
    readonly bounds: Readonly<Record<RunSort, Pair<string>>>;
  };
  const { lastActivityAt, startedAt, duration } = head.bounds;
  const bounds = ([low, high]: Pair<string>): Pair<bigint> => [BigInt(low), BigInt(high)];
  return {
    ...head,
    bounds: {
      lastActivityAt: bounds(lastActivityAt),
      startedAt: bounds(startedAt),
      duration: bounds(duration),
    },
  };
}

/** A service may be called `constructor`. */
function withoutPrototypes(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null) as object, value);
}

function base64Of(words: Uint32Array): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function wordsOf(base64: string): Uint32Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new Uint32Array(bytes.buffer);
}
