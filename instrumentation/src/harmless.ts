import { diag } from '@opentelemetry/api';
import { processState } from './process-state.js';

/** Says a thing once per process, through the diagnostics logger that OTEL_LOG_LEVEL switches on. */
export function logOnce(place: string, message: string, cause?: unknown): void {
  const { logged } = processState();
  if (logged.has(place)) return;
  logged.add(place);
  diag.warn(`throughline: ${message}`, ...(cause === undefined ? [] : [describe(cause)]));
}

/**
 * Runs our own code inside the host: whatever goes wrong is logged once and answered with undefined. The
 * host's own functions are never called in here.
 */
export function harmless<T>(place: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    try {
      logOnce(place, `${place} failed and was skipped`, error);
    } catch {
      // A logger that throws is the host's; there is nobody left to tell.
    }
    return undefined;
  }
}

function describe(cause: unknown): string {
  try {
    return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  } catch {
    return '[unprintable]';
  }
}
