import type { Tracer } from '@opentelemetry/api';
import type { Settings } from './settings.js';

/**
 * What there is once per process, even when an ES module copy and a CommonJS copy of this package are both
 * loaded: `--import` loads one, a `require` in the app the other. It lives under a global symbol.
 */
export interface ProcessState {
  settings: Settings | null;
  /** Our own provider, used as long as the app registers none. */
  provider: OwnProvider | null;
  /** Providers of the app that our span processor was added to. */
  readonly attached: WeakSet<object>;
  /** Ours in each provider; they hold the spans that are still open. */
  readonly processors: Set<{ snapshotAll(): void }>;
  /** Hands everything that is finished, and snapshots of what is not, to the collector. Never rejects. */
  flush: (timeoutMs: number) => Promise<void>;
  readonly logged: Set<string>;
  /** Emitters that are watched, each with what ends its watch. */
  readonly watched: WeakMap<object, unknown>;
}

export interface OwnProvider {
  getTracer(name: string, version?: string): Tracer;
}

const SYMBOL = Symbol.for('throughline.instrumentation.1');

interface Holder {
  [SYMBOL]?: ProcessState;
}

export function processState(): ProcessState {
  const holder = globalThis as Holder;
  const state = holder[SYMBOL] ?? emptyState();
  holder[SYMBOL] = state;
  return state;
}

function emptyState(): ProcessState {
  return {
    settings: null,
    provider: null,
    attached: new WeakSet(),
    processors: new Set(),
    flush: () => Promise.resolve(),
    logged: new Set(),
    watched: new WeakMap(),
  };
}
