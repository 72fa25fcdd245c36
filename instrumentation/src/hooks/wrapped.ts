/**
 * Whether another instrumentation has wrapped a function already: the wrappers of OpenTelemetry (shimmer)
 * mark what they made. Where that is so, ours would report everything twice.
 */
export function isWrappedByOthers(target: unknown): boolean {
  return typeof target === 'function' && (target as { __wrapped?: unknown }).__wrapped === true;
}
