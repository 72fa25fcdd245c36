import { harmless } from '../harmless.js';
import { processState } from '../process-state.js';
import { RunProcessor } from '../export/run-processor.js';

/** The parts of the SDK's provider that we look for; both are absent on providers of other make. */
interface SdkProvider {
  /** SDK 1.x. */
  addSpanProcessor?(processor: unknown): void;
  /** SDK 2.x; in 1.x as well. */
  _activeSpanProcessor?: { _spanProcessors?: unknown; onEnd?(span: unknown): void };
}

/**
 * Adds what is missing to a provider that the app registered: the run's keys on every span, and snapshots of
 * work in progress, which then go wherever the app's spans go. A provider that gives no way in still gets
 * our own spans with their keys.
 */
export function attachToProvider(provider: object): void {
  const { attached, settings } = processState();
  if (attached.has(provider) || settings === null) return;
  attached.add(provider);
  harmless('attach to the provider of the app', () => {
    const sdk = provider as SdkProvider;
    const inner = sdk._activeSpanProcessor?._spanProcessors;
    if (!Array.isArray(inner)) return;
    const others = inner as { onEnd(span: unknown): void }[];
    const processor = new RunProcessor({
      pendingAfterMs: settings.pendingAfterMs,
      pendingEveryMs: settings.pendingEveryMs,
      report: (snapshot) => {
        for (const other of others) if (other !== processor) other.onEnd(snapshot);
      },
    });
    if (typeof sdk.addSpanProcessor === 'function') sdk.addSpanProcessor(processor);
    else others.push(processor);
    processState().processors.add(processor);
  });
}
