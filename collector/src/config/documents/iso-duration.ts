const DAY_MS = 86_400_000;
/** Milliseconds per designator; a month and a year count as their longest, since deadlines are read from them. */
const UNITS_MS = [366 * DAY_MS, 31 * DAY_MS, 7 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1_000];
const PATTERN =
  /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/;

/** Milliseconds of an ISO 8601 duration such as `PT1H30M`; undefined for expressions, dates and repetitions. */
export function isoDurationMs(text: string | undefined): number | undefined {
  const match = PATTERN.exec(text?.trim() ?? '');
  const parts: readonly (string | undefined)[] = match?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  const ms = UNITS_MS.reduce((sum, unit, at) => sum + unit * Number(parts[at] ?? 0), 0);
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}
