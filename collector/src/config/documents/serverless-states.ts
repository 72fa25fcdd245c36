import type { DocumentNotes } from './document-notes.js';
import { isoDurationMs } from './iso-duration.js';
import type { LocatedDocument } from './located-document.js';
import { plainNode, type GraphNode, type Interrupt, type StepGraph } from './step-graph.js';
import { isTree, listOf, textOf, treeOf, type Tree } from './tree.js';

interface At {
  readonly name: string;
  readonly state: Tree;
  readonly index: number;
  readonly line: number;
}

/** Serverless Workflow 0.8: named states with transitions. */
export class ServerlessStates {
  readonly #document: LocatedDocument;
  readonly #notes: DocumentNotes;
  readonly #root: Tree;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #names: ReadonlySet<string>;
  readonly #eventTypes: ReadonlyMap<string, string>;
  readonly #compensations = new Map<string, string>();

  constructor(document: LocatedDocument, notes: DocumentNotes) {
    this.#document = document;
    this.#notes = notes;
    this.#root = treeOf(document.root);
    const names = listOf(this.#root['states']).flatMap((s) => textOf(treeOf(s)['name']) ?? []);
    this.#names = new Set(names);
    this.#eventTypes = new Map(
      listOf(this.#root['events']).flatMap((each) => {
        const { name, type } = treeOf(each);
        const key = textOf(name);
        return key === undefined ? [] : [[key, textOf(type) ?? key] as const];
      }),
    );
  }

  read(named: string | null): StepGraph {
    const workflow = named ?? textOf(this.#root['id']) ?? textOf(this.#root['name']);
    if (workflow === undefined) throw this.#notes.fault(1, 'has no id');
    this.#put(plainNode({ id: ' end', line: 1, next: [], end: 'completed' }));
    for (const [index, each] of listOf(this.#root['states']).entries()) {
      const state = treeOf(each);
      const line = this.#document.lineOf(['states', index]);
      const name = textOf(state['name']);
      if (name === undefined) throw this.#notes.fault(line, 'a state has no name');
      if (state['usedForCompensation'] !== true) this.#state({ name, state, index, line });
    }
    const timeout = treeOf(this.#root['timeouts'])['workflowExecTimeout'];
    return {
      workflow,
      start: this.#start(),
      nodes: this.#nodes,
      deadlineMs: isoDurationMs(textOf(timeout) ?? textOf(treeOf(timeout)['duration'])) ?? null,
      compensations: this.#compensations,
      notes: this.#notes,
    };
  }

  #start(): string {
    const start = this.#root['start'];
    const first = textOf(treeOf(listOf(this.#root['states'])[0])['name']);
    const name = textOf(start) ?? textOf(treeOf(start)['stateName']) ?? first;
    return this.#known(name, this.#document.lineOf(['start']));
  }

  #known(name: string | undefined, line: number): string {
    if (name !== undefined && this.#names.has(name)) return name;
    throw this.#notes.fault(line, `leads to "${name ?? ''}", which is no state here`);
  }

  #state(at: At): void {
    const { name, state, line } = at;
    const undo = textOf(state['compensatedBy']);
    if (undo !== undefined) this.#compensations.set(name, this.#known(undo, line));
    const type = textOf(state['type']);
    switch (type) {
      case 'operation':
      case 'parallel':
      case 'foreach':
        this.#shown(at, [name, ...actionNames(state)], null);
        break;
      case 'event':
        this.#event(at);
        break;
      case 'callback':
        this.#notes.understood(line, `"${name}" waits for an answer from outside`);
        this.#shown(at, [name, ...actionNames(state)], this.#eventTimeout(state));
        break;
      case 'sleep':
        this.#sleep(at);
        break;
      case 'switch':
        this.#switch(at);
        break;
      case 'inject':
        this.#put(this.#node(at, {}));
        break;
      default:
        this.#notes.notUnderstood(line, `"${name}" has the unknown type "${type ?? ''}"`);
        this.#put(this.#node(at, { isOpen: true }));
        break;
    }
  }

  #node(at: At, fields: Partial<GraphNode>): GraphNode {
    const { name: id, line } = at;
    const next = fields.next ?? [this.#onward(at, treeOf(at.state))];
    return plainNode({ id, line, interrupts: this.#interrupts(at), ...fields, next });
  }

  #shown(at: At, names: readonly string[], otherwise: number | null): void {
    const total = treeOf(at.state['timeouts'])['stateExecTimeout'];
    const takes = isoDurationMs(textOf(total) ?? textOf(treeOf(total)['total'])) ?? otherwise;
    this.#put(this.#node(at, { names: [...new Set(names)], takes }));
  }

  #eventTimeout(state: Tree): number {
    const own = textOf(treeOf(state['timeouts'])['eventTimeout']);
    const all = textOf(treeOf(this.#root['timeouts'])['eventTimeout']);
    return isoDurationMs(own ?? all) ?? Infinity;
  }

  #event(at: At): void {
    const references = listOf(at.state['onEvents']).flatMap((each) =>
      listOf(treeOf(each)['eventRefs']),
    );
    const types = references.flatMap((reference) => this.#typeOf(reference, at.line));
    this.#notes.understood(at.line, `"${at.name}" waits for ${types.join(' or ')}`);
    if (at.state['exclusive'] === false) {
      const why = 'waits for several events: the first of them counts as its end';
      this.#notes.notUnderstood(at.line, `"${at.name}" ${why}`);
    }
    this.#shown(at, [...types, at.name], this.#eventTimeout(at.state));
  }

  #typeOf(reference: unknown, line: number): string[] {
    const name = textOf(reference);
    if (name === undefined) return [];
    const type = this.#eventTypes.get(name);
    if (type === undefined && Array.isArray(this.#root['events'])) {
      throw this.#notes.fault(line, `names the event "${name}", which events does not define`);
    }
    return [type ?? name];
  }

  #sleep(at: At): void {
    const takes = isoDurationMs(textOf(at.state['duration']));
    if (takes === undefined) {
      this.#notes.notUnderstood(at.line, `"${at.name}" sleeps for a time that only a run knows`);
    }
    this.#put(this.#node(at, { takes: takes ?? Infinity }));
  }

  #switch(at: At): void {
    const onData = listOf(at.state['dataConditions']);
    const onEvents = listOf(at.state['eventConditions']);
    const other = at.state['defaultCondition'];
    const ways = [...onData, ...onEvents, ...(other === undefined ? [] : [other])].map(treeOf);
    const next = ways.map((way) => this.#onward(at, way));
    const takes = onEvents.length > 0 ? this.#eventTimeout(at.state) : 0;
    this.#put(this.#node(at, { next, follow: 'any', takes }));
  }

  #interrupts(at: At): Interrupt[] {
    return listOf(at.state['onErrors']).map((each) => ({
      to: this.#onward(at, treeOf(each)),
      afterMs: null,
    }));
  }

  /** Through the events that a transition or an end produces. */
  #onward(at: At, from: Tree): string {
    const { transition, end } = from;
    const how = isTree(transition) ? transition : treeOf(end);
    const isEnd = transition === undefined;
    if (isEnd && end === undefined) {
      throw this.#notes.fault(at.line, `"${at.name}" has neither transition nor end`);
    }
    const name = textOf(transition) ?? textOf(how['nextState']);
    const to = isEnd ? ' end' : this.#known(name, at.line);
    return listOf(how['produceEvents']).reduceRight<string>((next, each, index) => {
      const types = this.#typeOf(treeOf(each)['eventRef'], at.line);
      const id = `${at.name} produces ${index} for ${to}`;
      this.#put(plainNode({ id, line: at.line, names: types, takes: null, next: [next] }));
      return id;
    }, to);
  }

  #put(node: GraphNode): void {
    this.#nodes.set(node.id, node);
  }
}

/** Names of the one action of a state; of several, none stands for the state. */
function actionNames(state: Tree): string[] {
  const actions = state['action'] === undefined ? listOf(state['actions']) : [state['action']];
  if (actions.length !== 1) return [];
  const action = treeOf(actions[0]);
  const reference = action['functionRef'];
  const called = textOf(reference) ?? textOf(treeOf(reference)['refName']);
  return [action['name'], called].flatMap((name) => textOf(name) ?? []);
}
