import type { DocumentNotes } from './document-notes.js';
import { LocatedDocument, type Place } from './located-document.js';
import { plainNode, type GraphNode, type Interrupt, type StepGraph } from './step-graph.js';
import { isTree, listOf, textOf, treeOf, type Tree } from './tree.js';

const SECOND_MS = 1_000;

interface Scope {
  readonly place: Place;
  /** Where a state with `End` leads. */
  readonly exit: string;
  readonly interrupts: readonly Interrupt[];
}

/** A state and everything that says where it stands. */
interface At {
  readonly name: string;
  readonly state: Tree;
  readonly scope: Scope;
  readonly place: Place;
  readonly id: string;
  readonly line: number;
}

/**
 * Reads a state machine in Amazon States Language, JSON or YAML. A task state goes by its name; Pass, Choice, Wait and
 * the like lead on without showing.
 *
 * @throws Fault BAD_CONFIG with file and line when it is none, or leads to a state that is not there.
 */
export function readAsl(text: string, workflow: string, notes: DocumentNotes): StepGraph {
  return new AslReader(new LocatedDocument(text, notes), notes).read(workflow);
}

class AslReader {
  readonly #document: LocatedDocument;
  readonly #notes: DocumentNotes;
  readonly #nodes = new Map<string, GraphNode>();

  constructor(document: LocatedDocument, notes: DocumentNotes) {
    this.#document = document;
    this.#notes = notes;
  }

  read(workflow: string): StepGraph {
    const root = treeOf(this.#document.root);
    if (!isTree(root['States']) || textOf(root['StartAt']) === undefined) {
      throw this.#notes.fault(1, 'is no state machine: it has no StartAt and States');
    }
    this.#put(plainNode({ id: 'end', line: 1, next: [], end: 'completed' }));
    const start = this.#machine(root, { place: [], exit: 'end', interrupts: [] });
    const timeout = root['TimeoutSeconds'];
    return {
      workflow,
      start,
      nodes: this.#nodes,
      deadlineMs: typeof timeout === 'number' ? timeout * SECOND_MS : null,
      compensations: new Map(),
      notes: this.#notes,
    };
  }

  /** @returns the id of the state that it starts at. */
  #machine(machine: Tree, scope: Scope): string {
    for (const [name, each] of Object.entries(treeOf(machine['States']))) {
      const place = [...scope.place, 'States', name];
      const line = this.#document.lineOf(place);
      this.#state({ name, state: treeOf(each), scope, place, id: idOf(place), line });
    }
    return this.#target(machine['StartAt'], machine, { scope, place: [...scope.place, 'StartAt'] });
  }

  #target(name: unknown, machine: Tree, from: { scope: Scope; place: Place }): string {
    const known = Object.keys(treeOf(machine['States']));
    const text = textOf(name);
    if (text !== undefined && known.includes(text))
      return idOf([...from.scope.place, 'States', text]);
    const line = this.#document.lineOf(from.place);
    const where = from.place.at(-1) ?? 'Next';
    throw this.#notes.fault(line, `${where} leads to "${text ?? ''}", which is no state here`);
  }

  #to(at: At, name: unknown, ...key: Place): string {
    const machine = this.#machineOf(at.scope);
    return this.#target(name, machine, { scope: at.scope, place: [...at.place, ...key] });
  }

  #machineOf({ place }: Scope): Tree {
    return treeOf(place.reduce<unknown>((tree, key) => (tree as Tree)[key], this.#document.root));
  }

  #state(at: At): void {
    const { state, id, line } = at;
    const type = textOf(state['Type']);
    switch (type) {
      case 'Task':
        this.#task(at);
        break;
      case 'Pass':
        this.#put(plainNode({ id, line, next: this.#next(at) }));
        break;
      case 'Wait':
        this.#wait(at);
        break;
      case 'Choice':
        this.#put(plainNode({ id, line, next: this.#choices(at), follow: 'any' }));
        break;
      case 'Succeed':
        this.#put(plainNode({ id, line, next: [at.scope.exit] }));
        break;
      case 'Fail':
        this.#put(plainNode({ id, line, next: [], end: 'failed' }));
        break;
      case 'Parallel':
        this.#parallel(at);
        break;
      case 'Map':
        this.#map(at);
        break;
      default:
        throw this.#notes.fault(line, `state "${at.name}" has the unknown type "${type ?? ''}"`);
    }
  }

  #next(at: At): string[] {
    if (at.state['End'] === true) return [at.scope.exit];
    if (at.state['Next'] !== undefined) return [this.#to(at, at.state['Next'], 'Next')];
    throw this.#notes.fault(at.line, `state "${at.name}" has neither Next nor End`);
  }

  #choices(at: At): string[] {
    const rules = listOf(at.state['Choices']).map((rule, index) =>
      this.#to(at, treeOf(rule)['Next'], 'Choices', index, 'Next'),
    );
    const other = at.state['Default'];
    return [...rules, ...(other === undefined ? [] : [this.#to(at, other, 'Default')])];
  }

  #interrupts(at: At): Interrupt[] {
    const own = listOf(at.state['Catch']).map((rule, index) => ({
      to: this.#to(at, treeOf(rule)['Next'], 'Catch', index, 'Next'),
      afterMs: null,
    }));
    const errors = listOf(at.state['Catch']).flatMap((rule) => listOf(treeOf(rule)['ErrorEquals']));
    // What the state does not catch goes to the catchers around it.
    return errors.includes('States.ALL') ? own : [...own, ...at.scope.interrupts];
  }

  #task(at: At): void {
    const { state, id, line, name } = at;
    const resource = textOf(state['Resource']) ?? '';
    const isOutside = /\.waitForTaskToken$|:activity:/.test(resource);
    const timeout = state['TimeoutSeconds'];
    const takes =
      typeof timeout === 'number'
        ? retried(timeout * SECOND_MS, listOf(state['Retry']))
        : isOutside
          ? Infinity
          : null;
    if (isOutside) {
      this.#notes.understood(line, `"${name}" waits for an answer from outside`);
    }
    if (timeout === undefined && state['TimeoutSecondsPath'] !== undefined) {
      this.#notes.notUnderstood(line, `"${name}" takes its time-out from its input`);
    }
    if (state['HeartbeatSeconds'] !== undefined && timeout === undefined) {
      const why = 'a heartbeat alone does not say when it ends: add TimeoutSeconds';
      this.#notes.notUnderstood(line, `"${name}": ${why}`);
    }
    const names = [name, `state ${name}`];
    const interrupts = this.#interrupts(at);
    this.#put(plainNode({ id, line, names, takes, interrupts, next: this.#next(at) }));
  }

  #wait(at: At): void {
    const seconds = at.state['Seconds'];
    const isSaid = typeof seconds === 'number';
    if (!isSaid) {
      this.#notes.notUnderstood(at.line, `"${at.name}" waits until its input or the calendar says`);
    }
    const takes = isSaid ? seconds * SECOND_MS : Infinity;
    const { interrupts } = at.scope;
    this.#put(plainNode({ id: at.id, line: at.line, takes, interrupts, next: this.#next(at) }));
  }

  #parallel(at: At): void {
    const join = `${at.id} done`;
    this.#put(plainNode({ id: join, line: at.line, next: this.#next(at), joins: true }));
    const next = listOf(at.state['Branches']).map((branch, index) =>
      this.#machine(treeOf(branch), {
        place: [...at.place, 'Branches', index],
        exit: join,
        interrupts: this.#interrupts(at),
      }),
    );
    this.#put(plainNode({ id: at.id, line: at.line, next }));
  }

  /** There may be no items, and the last of many is not to be told from the others. */
  #map(at: At): void {
    const { state, id, line } = at;
    const key = state['ItemProcessor'] === undefined ? 'Iterator' : 'ItemProcessor';
    const body = treeOf(state[key]);
    const isDistributed = treeOf(body['ProcessorConfig'])['Mode'] === 'DISTRIBUTED';
    if (isDistributed) {
      const why = 'runs its items as executions of their own';
      this.#notes.notUnderstood(line, `"${at.name}" ${why}: what follows it is not promised`);
      this.#put(plainNode({ id, line, takes: Infinity, next: this.#next(at) }));
      return;
    }
    const done = `${id} done`;
    this.#put(plainNode({ id: done, line, next: this.#next(at), isOpen: true }));
    const interrupts = this.#interrupts(at);
    const start = this.#machine(body, { place: [...at.place, key], exit: done, interrupts });
    this.#put(plainNode({ id, line, next: [start, ...this.#next(at)], follow: 'any' }));
    return undefined;
  }

  #put(node: GraphNode): void {
    this.#nodes.set(node.id, node);
  }
}

function idOf(place: Place): string {
  return JSON.stringify(place);
}

/** Every attempt may take its whole time, and the pauses between them are known. */
function retried(timeoutMs: number, retriers: readonly unknown[]): number {
  let ms = timeoutMs;
  for (const each of retriers) {
    const retrier = treeOf(each);
    const attempts = numberOf(retrier['MaxAttempts'], 3);
    const rate = numberOf(retrier['BackoffRate'], 2);
    const longest = numberOf(retrier['MaxDelaySeconds'], Infinity);
    let pause = numberOf(retrier['IntervalSeconds'], 1);
    for (let attempt = 0; attempt < Math.min(attempts, 1_000); attempt++) {
      ms += timeoutMs + Math.min(pause, longest) * SECOND_MS;
      pause *= rate;
    }
  }
  return ms;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
