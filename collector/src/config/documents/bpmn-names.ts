import { isoDurationMs } from './iso-duration.js';
import { childrenOf, foundIn, type XmlElement } from './xml-tree.js';

/** Activities that do something that shows; a manual task is done where nobody sees it. */
export const ACTIVITIES: ReadonlySet<string> = new Set([
  'task',
  'serviceTask',
  'sendTask',
  'receiveTask',
  'userTask',
  'scriptTask',
  'businessRuleTask',
  'callActivity',
]);

export const EVENTS: ReadonlySet<string> = new Set([
  'startEvent',
  'intermediateCatchEvent',
  'intermediateThrowEvent',
  'boundaryEvent',
  'endEvent',
]);

/** Elements of a process that are no part of its course. */
export const BESIDE: ReadonlySet<string> = new Set([
  'association',
  'auditing',
  'category',
  'correlationSubscription',
  'dataInputAssociation',
  'dataObject',
  'dataObjectReference',
  'dataOutputAssociation',
  'dataStoreReference',
  'documentation',
  'extensionElements',
  'group',
  'incoming',
  'ioSpecification',
  'laneSet',
  'monitoring',
  'multiInstanceLoopCharacteristics',
  'outgoing',
  'property',
  'sequenceFlow',
  'standardLoopCharacteristics',
  'textAnnotation',
]);

/** `timer`, `message`, `error` … of an event; null for one that only marks a place. */
export function eventKind(event: XmlElement): string | null {
  const definition = event.children.find(({ name }) => name.endsWith('EventDefinition'));
  return definition?.name.replace('EventDefinition', '') ?? null;
}

/** Milliseconds of a timer that is told as a duration; undefined for dates, cycles and expressions. */
export function timerMs(event: XmlElement): number | undefined {
  return isoDurationMs(foundIn(event, 'timeDuration')?.text);
}

/** What people call the element; where it has no name, its id. */
export function labelOf({ attributes }: XmlElement): string {
  const name = attributes.get('name')?.replace(/\s+/g, ' ').trim() ?? '';
  return name === '' ? (attributes.get('id') ?? '') : name;
}

/** The names that spans may know the element by: of its message, its own, of its job or topic, its id. */
export function namesOf(
  element: XmlElement,
  messages: ReadonlyMap<string, string>,
): readonly string[] {
  const definition = childrenOf(element, 'messageEventDefinition')[0];
  const reference = (definition ?? element).attributes.get('messageRef');
  const job = foundIn(element, 'taskDefinition')?.attributes.get('type');
  const names = [
    reference === undefined ? undefined : messages.get(localName(reference)),
    labelOf(element),
    job?.startsWith('=') === true ? undefined : job,
    element.attributes.get('topic'),
    element.attributes.get('calledElement'),
    element.attributes.get('id'),
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}

/** References are qualified names: the prefix says nothing within one file. */
export function localName(reference: string): string {
  return reference.slice(reference.indexOf(':') + 1);
}

/** By when a person should be done, where that is said as a duration. */
export function dueMs(task: XmlElement): number | undefined {
  const schedule = foundIn(task, 'taskSchedule');
  return isoDurationMs(task.attributes.get('dueDate') ?? schedule?.attributes.get('dueDate'));
}
