import type { RunOutcome } from '@throughline/model/step';
import {
  ACTIVITIES,
  BESIDE,
  dueMs,
  eventKind,
  EVENTS,
  labelOf,
  localName,
  namesOf,
  timerMs,
} from './bpmn-names.js';
import type { DocumentNotes } from './document-notes.js';
import { plainNode, type GraphNode, type Interrupt } from './step-graph.js';
import { childrenOf, type XmlElement } from './xml-tree.js';
import { toldDuration } from './told-duration.js';

interface Target {
  readonly nodes: Map<string, GraphNode>;
  readonly compensations: Map<string, string>;
  /** By id, the name of each message. */
  readonly messages: ReadonlyMap<string, string>;
  readonly notes: DocumentNotes;
}

interface Around {
  /** Where its ends lead; null: they end the process. */
  readonly exit: string | null;
  readonly interrupts: readonly Interrupt[];
}

const OUTCOMES: ReadonlyMap<string | null, RunOutcome> = new Map([
  ['error', 'failed'],
  ['cancel', 'cancelled'],
  ['compensate', 'compensated'],
]);

/** One process or sub-process: its elements become nodes, its sequence flows what leads where. */
export class BpmnScope {
  readonly #scope: XmlElement;
  readonly #target: Target;
  readonly #elements = new Map<string, XmlElement>();
  readonly #outgoing = new Map<string, XmlElement[]>();
  readonly #boundaries = new Map<string, XmlElement[]>();
  readonly #incoming = new Map<string, number>();

  constructor(scope: XmlElement, target: Target) {
    this.#scope = scope;
    this.#target = target;
    for (const element of scope.children) {
      const id = element.attributes.get('id');
      if (id !== undefined && !BESIDE.has(element.name)) this.#elements.set(id, element);
      const host = element.attributes.get('attachedToRef');
      if (host !== undefined) append(this.#boundaries, localName(host), element);
    }
    for (const flow of childrenOf(scope, 'sequenceFlow')) this.#connect(flow);
  }

  /** @returns the id of the node that it starts at. */
  read(around: Around): string {
    const handlers = [...this.#elements.values()].filter(
      ({ attributes }) => attributes.get('triggeredByEvent') === 'true',
    );
    const events = handlers.flatMap((handler) => this.#eventSubProcess(handler));
    const inside = { ...around, interrupts: [...around.interrupts, ...events] };
    for (const [id, element] of this.#elements) this.#element(id, element, inside);
    this.#pairCompensations();
    return this.#startOf(this.#scope);
  }

  #connect(flow: XmlElement): void {
    for (const end of ['sourceRef', 'targetRef']) {
      const id = localName(flow.attributes.get(end) ?? '');
      if (this.#elements.has(id)) continue;
      const name = flow.attributes.get('id') ?? '';
      const why = `sequence flow "${name}" names "${id}" as its ${end}, which is not there`;
      throw this.#target.notes.fault(flow.line, why);
    }
    const to = localName(flow.attributes.get('targetRef') ?? '');
    append(this.#outgoing, localName(flow.attributes.get('sourceRef') ?? ''), flow);
    this.#incoming.set(to, (this.#incoming.get(to) ?? 0) + 1);
  }

  /** Several ways to begin are alternatives. */
  #startOf(scope: XmlElement): string {
    const id = `${scope.attributes.get('id') ?? ''} start`;
    const starts = childrenOf(scope, 'startEvent');
    const entries = starts.length > 0 ? starts.map(idOf) : this.#unentered();
    if (entries.length === 0) throw this.#target.notes.fault(scope.line, 'nothing starts here');
    const follow = starts.length > 1 ? 'any' : 'all';
    this.#put(plainNode({ id, line: scope.line, next: entries, follow }));
    return id;
  }

  #unentered(): string[] {
    return [...this.#elements].flatMap(([id, element]) => {
      const isApart =
        (this.#incoming.get(id) ?? 0) > 0 ||
        element.name === 'boundaryEvent' ||
        ['isForCompensation', 'triggeredByEvent'].some((a) => element.attributes.get(a) === 'true');
      return isApart ? [] : [id];
    });
  }

  #element(id: string, element: XmlElement, around: Around): void {
    const { name, attributes } = element;
    if (attributes.get('isForCompensation') === 'true') return;
    if (attributes.get('triggeredByEvent') === 'true') return;
    if (ACTIVITIES.has(name) || name === 'manualTask') this.#activity(id, element, around);
    else if (name === 'subProcess' || name === 'transaction') this.#sub(id, element, around);
    else if (EVENTS.has(name)) this.#event(id, element, around);
    else if (name.endsWith('Gateway')) this.#gateway(id, element, around);
    else {
      this.#say(
        element,
        `<${name}> "${labelOf(element)}" is not known: nothing is promised after it`,
      );
      this.#put(this.#node(id, element, { around, isOpen: true }));
    }
  }

  #node(
    id: string,
    { line }: XmlElement,
    { around, ...fields }: { readonly around: Around } & Partial<GraphNode>,
  ): GraphNode {
    const flows = this.#outgoing.get(id) ?? [];
    const next = flows.map((flow) => localName(flow.attributes.get('targetRef') ?? ''));
    const isChosen = flows.some((flow) => childrenOf(flow, 'conditionExpression').length > 0);
    const node = plainNode({ id, line, next, follow: isChosen ? 'any' : 'all', ...fields });
    if (next.length > 0 || fields.next !== undefined) return node;
    return { ...node, ...this.#ending(around) };
  }

  /** Where nothing leads on, the scope is left. */
  #ending({ exit }: Around, outcome: RunOutcome = 'completed'): Pick<GraphNode, 'next' | 'end'> {
    return exit === null ? { next: [], end: outcome } : { next: [exit] };
  }

  #activity(id: string, element: XmlElement, around: Around): void {
    const { name } = element;
    const interrupts = [...this.#boundaryInterrupts(id), ...around.interrupts];
    const isShown = name !== 'manualTask';
    const waits = name === 'userTask' || name === 'receiveTask' || name === 'manualTask';
    const deadline = this.#reminderMs(id) ?? dueMs(element);
    const takes = deadline ?? (waits ? Infinity : null);
    const names = isShown ? namesOf(element, this.#target.messages) : [];
    if (name === 'userTask') this.#note(element, `"${labelOf(element)}" waits for a person`);
    if (name === 'receiveTask') this.#note(element, `"${labelOf(element)}" waits for a message`);
    if (!isShown) this.#say(element, `"${labelOf(element)}" is done by hand and shows in no span`);
    const node = this.#node(id, element, { around, names, takes, interrupts });
    if (isRepeated(element)) this.#repeated(node, element);
    else this.#put(node);
  }

  /** There may be no instance, and the last of many is not to be told from the others. */
  #repeated(node: GraphNode, element: XmlElement): void {
    this.#say(element, `"${labelOf(element)}" happens several times: what follows is not promised`);
    const once = `${node.id} once`;
    const { next, end, ...body } = node;
    const ending = end === undefined ? {} : { end };
    this.#put({ ...body, ...ending, id: once, next, isOpen: true });
    this.#put(plainNode({ id: node.id, line: node.line, next: [once, ...next], follow: 'any' }));
  }

  #sub(id: string, element: XmlElement, around: Around): void {
    const isOpen = isRepeated(element);
    if (isOpen) this.#say(element, `"${labelOf(element)}" happens several times`);
    const exit = `${id} done`;
    const done = this.#node(id, element, { around });
    this.#put({ ...done, id: exit, ...(isOpen ? { isOpen } : {}) });
    const interrupts = [...this.#boundaryInterrupts(id), ...around.interrupts];
    const start = new BpmnScope(element, this.#target).read({ exit, interrupts });
    this.#put(plainNode({ id, line: element.line, next: [start] }));
    if (!isOpen) return;
    this.#put(plainNode({ id, line: element.line, next: [start, ...done.next], follow: 'any' }));
  }

  #event(id: string, element: XmlElement, around: Around): void {
    const kind = eventKind(element);
    const isCatch = element.name === 'intermediateCatchEvent';
    const names = kind === 'message' ? namesOf(element, this.#target.messages) : [];
    if (element.name === 'endEvent') {
      const outcome = OUTCOMES.get(kind) ?? 'completed';
      // An error that a boundary catches leaves its scope another way.
      const ending = kind === 'error' ? this.#ending({ ...around, exit: null }, outcome) : {};
      const left = this.#ending(around, outcome);
      const takes = names.length > 0 ? null : 0;
      this.#put(this.#node(id, element, { around, names, takes, ...left, ...ending }));
      return;
    }
    if (kind === 'link') {
      this.#link(id, element, around);
      return;
    }
    const waitMs = isCatch ? this.#waitOf(element, kind) : names.length > 0 ? null : 0;
    const { interrupts } = around;
    this.#put(this.#node(id, element, { around, names, takes: waitMs, interrupts }));
  }

  #waitOf(element: XmlElement, kind: string | null): number {
    const ms = kind === 'timer' ? timerMs(element) : undefined;
    if (kind === 'timer' && ms === undefined) {
      this.#say(
        element,
        `timer "${labelOf(element)}" is no ISO 8601 duration: its wait is not known`,
      );
    }
    if (ms === undefined && kind !== 'timer') {
      this.#note(element, `"${labelOf(element)}" waits for a ${kind ?? 'trigger'}`);
    }
    return ms ?? Infinity;
  }

  /** A link that is thrown goes on where the link of its name is caught. */
  #link(id: string, element: XmlElement, around: Around): void {
    if (element.name === 'intermediateCatchEvent') {
      this.#put(this.#node(id, element, { around }));
      return;
    }
    const caught = [...this.#elements].find(
      ([, each]) =>
        each.name === 'intermediateCatchEvent' &&
        eventKind(each) === 'link' &&
        linkName(each) === linkName(element),
    );
    if (caught === undefined) throw this.#target.notes.fault(element.line, 'a link leads nowhere');
    this.#put(this.#node(id, element, { around, next: [caught[0]] }));
  }

  #gateway(id: string, element: XmlElement, around: Around): void {
    const { name } = element;
    const joins = (this.#incoming.get(id) ?? 0) > 1;
    const isParallel = name === 'parallelGateway';
    const follow = isParallel ? 'all' : name === 'eventBasedGateway' ? 'race' : 'any';
    if (name === 'complexGateway') {
      this.#say(element, `complex gateway "${labelOf(element)}": nothing is promised behind it`);
    }
    this.#put(
      this.#node(id, element, {
        around,
        follow,
        ...(joins && (isParallel || name === 'inclusiveGateway') ? { joins: true as const } : {}),
        ...(name === 'complexGateway' ? { isOpen: true as const } : {}),
      }),
    );
  }

  #boundaryInterrupts(host: string): Interrupt[] {
    return (this.#boundaries.get(host) ?? []).flatMap((event) => {
      const kind = eventKind(event);
      if (kind === 'compensate' || event.attributes.get('cancelActivity') === 'false') return [];
      const ms = kind === 'timer' ? timerMs(event) : undefined;
      if (ms !== undefined) this.#note(event, `a deadline of ${toldDuration(ms)} for "${host}"`);
      else if (kind === 'timer') this.#say(event, 'a timer that is no ISO 8601 duration');
      return [{ to: idOf(event), afterMs: ms ?? null }];
    });
  }

  /** A timer that interrupts nothing says by when the activity should be done. */
  #reminderMs(host: string): number | undefined {
    const timers = (this.#boundaries.get(host) ?? []).flatMap((event) => {
      const isReminder = event.attributes.get('cancelActivity') === 'false';
      return isReminder && eventKind(event) === 'timer' ? (timerMs(event) ?? []) : [];
    });
    return timers.length === 0 ? undefined : Math.min(...timers);
  }

  #eventSubProcess(handler: XmlElement): Interrupt[] {
    const around = { exit: null, interrupts: [] };
    const to = new BpmnScope(handler, this.#target).read(around);
    const start = childrenOf(handler, 'startEvent')[0];
    return start?.attributes.get('isInterrupting') === 'false' ? [] : [{ to, afterMs: null }];
  }

  #pairCompensations(): void {
    for (const association of childrenOf(this.#scope, 'association')) {
      const source = this.#elements.get(localName(association.attributes.get('sourceRef') ?? ''));
      const undo = this.#elements.get(localName(association.attributes.get('targetRef') ?? ''));
      const host = localName(source?.attributes.get('attachedToRef') ?? '');
      const activity = this.#elements.get(host);
      if (undo === undefined || activity === undefined || source === undefined) continue;
      if (eventKind(source) !== 'compensate') continue;
      this.#target.compensations.set(labelOf(activity), labelOf(undo));
    }
  }

  #note(element: XmlElement, text: string): void {
    this.#target.notes.understood(element.line, text);
  }

  #say(element: XmlElement, text: string): void {
    this.#target.notes.notUnderstood(element.line, text);
  }

  #put(node: GraphNode): void {
    this.#target.nodes.set(node.id, node);
  }
}

function isRepeated(element: XmlElement): boolean {
  const loops = ['multiInstanceLoopCharacteristics', 'standardLoopCharacteristics'];
  return childrenOf(element, ...loops).length > 0;
}

function linkName(event: XmlElement): string | undefined {
  return childrenOf(event, 'linkEventDefinition')[0]?.attributes.get('name');
}

function idOf({ attributes }: XmlElement): string {
  return attributes.get('id') ?? '';
}

function append(all: Map<string, XmlElement[]>, key: string, element: XmlElement): void {
  const known = all.get(key);
  if (known === undefined) all.set(key, [element]);
  else known.push(element);
}
