import type { BusinessCalendar, Policy } from './policy.js';
import { msFromNs, nsFromMs, type UnixNs } from './time.js';

/** What counts the deadlines of the workflow; null: every hour counts. */
export function calendarOf(
  { calendar, flows }: Pick<Policy, 'calendar' | 'flows'>,
  workflow: string,
): BusinessCalendar | null {
  if (calendar === undefined) return null;
  const flow = flows.find((one) => one.workflow === workflow);
  const isMeant = flow?.isBusinessTime ?? calendar.workflows.includes(workflow);
  return isMeant ? calendar : null;
}

/** Milliseconds that count between two instants. */
export function elapsedMs(calendar: BusinessCalendar | null, fromNs: UnixNs, toNs: UnixNs): number {
  return calendar === null ? msFromNs(toNs - fromNs) : calendar.elapsedMs(fromNs, toNs);
}

/** When a deadline is over that began at the instant. */
export function dueNs(calendar: BusinessCalendar | null, fromNs: UnixNs, withinMs: number): UnixNs {
  return calendar === null
    ? ((fromNs + nsFromMs(withinMs)) as UnixNs)
    : calendar.dueNs(fromNs, withinMs);
}
