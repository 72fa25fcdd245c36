import type { AttributeValue, Attributes } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';

/**
 * Every attribute of a span under a name of its own: the span's and its events' under their plain names, the
 * resource's behind `resource.`. Where names meet the span wins, then the first event; what came second stands
 * behind `events[<n>].`, so that nothing is lost and the result depends on the span alone.
 */
export function attributesOf(span: WireSpan): Attributes {
  const all = new Map<string, AttributeValue>(span.attributes);
  for (const [index, event] of span.events.entries()) {
    for (const [name, value] of event.attributes) {
      if (!all.has(name)) all.set(name, value);
      else if (all.get(name) !== value) all.set(`events[${index}].${name}`, value);
    }
  }
  for (const [name, value] of span.resource) all.set(`resource.${name}`, value);
  if (span.scopeName !== '' && !all.has('otel.scope.name')) {
    all.set('otel.scope.name', span.scopeName);
  }
  return all;
}
