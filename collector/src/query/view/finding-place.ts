import type { Finding } from '@throughline/model/finding';
import { placeId, type Place } from '@throughline/model/traffic';

/**
 * Whether a finding speaks of a place of the map. One about a destination or a service names it. One about a run
 * or an edge is about the service where the work should have gone on, or failed: the end of
 * `payment.captured → inventory` and of `parse CV in intake`.
 */
export function isAbout({ subject, where }: Finding, place: Place): boolean {
  switch (subject.kind) {
    case 'destination':
      return place.kind !== 'service' && subject.id === placeId(place);
    case 'service':
      return place.kind === 'service' && subject.id === placeId(place);
    case 'run':
    case 'edge':
      return place.kind === 'service' && endsAt(where, place.name);
    case 'key':
      return false;
  }
}

function endsAt(where: string, service: string): boolean {
  return where.endsWith(` → ${service}`) || where.endsWith(` in ${service}`);
}
