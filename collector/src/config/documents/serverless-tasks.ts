import type { DocumentNotes } from './document-notes.js';
import { isoDurationMs } from './iso-duration.js';
import type { LocatedDocument, Place } from './located-document.js';
import { plainNode, type GraphNode, type Interrupt, type StepGraph } from './step-graph.js';
import { isTree, listOf, textOf, treeOf, type Tree } from './tree.js';

interface Around {
  readonly exit: string;
  readonly interrupts: readonly Interrupt[];
}

interface At {
  readonly name: string;
  readonly task: Tree;
  readonly place: Place;
  readonly id: string;
  readonly line: number;
  readonly next: readonly string[];
  readonly around: Around;
  /** Of the names beside it, where each leads. */
  readonly siblings: ReadonlyMap<string, string>;
}

/** Words that say what a task is; the first that it has counts. */
const WORDS = [
  'try',
  'call',
  'run',
  'emit',
  'listen',
  'for',
  'fork',
  'switch',
  'wait',
  'raise',
  'set',
  'do',
] as const;

/** Serverless Workflow, DSL 1.0: lists of named tasks. */
export class ServerlessTasks {
  readonly #document: LocatedDocument;
  readonly #notes: DocumentNotes;
  readonly #root: Tree;
  readonly #nodes = new Map<string, GraphNode>();

  constructor(document: LocatedDocument, notes: DocumentNotes) {
    this.#document = document;
    this.#notes = notes;
    this.#root = treeOf(document.root);
  }

  read(named: string | null): StepGraph {
    const head = treeOf(this.#root['document']);
    const workflow = named ?? textOf(head['name']);
    if (workflow === undefined) throw this.#notes.fault(1, 'has no document.name');
    if (listOf(this.#root['do']).length === 0) throw this.#notes.fault(1, 'has no tasks under do');
    this.#put(plainNode({ id: 'end', line: 1, next: [], end: 'completed' }));
    const first = this.#list(this.#root['do'], ['do'], { exit: 'end', interrupts: [] });
    return {
      workflow,
      start: this.#scheduled(first),
      nodes: this.#nodes,
      deadlineMs: this.#timeoutOf(this.#root, ['timeout']) ?? null,
      compensations: new Map(),
      notes: this.#notes,
    };
  }

  /** An event that starts the workflow is its first step. */
  #scheduled(first: string): string {
    const on = treeOf(treeOf(this.#root['schedule'])['on']);
    const names = eventTypes(on);
    if (names.length === 0) return first;
    const line = this.#document.lineOf(['schedule', 'on']);
    this.#put(plainNode({ id: 'schedule', line, names, takes: Infinity, next: [first] }));
    return 'schedule';
  }

  /** @returns the id of the first task, or where an empty list leads. */
  #list(value: unknown, place: Place, around: Around): string {
    const items = listOf(value).map((item, index) => {
      const [name = '', task] = Object.entries(treeOf(item))[0] ?? [];
      const at = [...place, index, name];
      return { name, task: treeOf(task), place: at, id: JSON.stringify(at) };
    });
    const siblings = new Map(items.map(({ name, id }) => [name, id]));
    for (const [index, item] of items.entries()) {
      const line = this.#document.lineOf(item.place);
      const following = items[index + 1]?.id ?? around.exit;
      const next = [this.#then(item.task['then'], { line, following, around, siblings })];
      this.#task({ ...item, line, next, around, siblings });
    }
    return items[0]?.id ?? around.exit;
  }

  #then(
    directive: unknown,
    from: Pick<At, 'line' | 'around' | 'siblings'> & { readonly following: string },
  ): string {
    const word = textOf(directive);
    if (word === undefined || word === 'continue') return from.following;
    if (word === 'exit') return from.around.exit;
    if (word === 'end') return 'end';
    const id = from.siblings.get(word);
    if (id !== undefined) return id;
    throw this.#notes.fault(from.line, `then leads to "${word}", which is no task here`);
  }

  #task(at: At): void {
    if (at.task['if'] === undefined) {
      this.#made(at);
      return;
    }
    // What has a condition may be passed by.
    const id = `${at.id} done`;
    this.#put(plainNode({ id: at.id, line: at.line, next: [id, ...at.next], follow: 'any' }));
    this.#made({ ...at, id });
  }

  #made(at: At): void {
    const word = WORDS.find((each) => each in at.task);
    switch (word) {
      case 'call':
      case 'run':
        this.#shown(at, [at.name], null);
        break;
      case 'emit':
        this.#emit(at);
        break;
      case 'listen':
        this.#listen(at);
        break;
      case 'wait':
        this.#wait(at);
        break;
      case 'set':
        this.#put(this.#node(at, {}));
        break;
      case 'switch':
        this.#switch(at);
        break;
      case 'raise':
        this.#raise(at);
        break;
      case 'do':
        this.#block(at, at.task['do'], 'do');
        break;
      case 'for':
        this.#for(at);
        break;
      case 'fork':
        this.#fork(at);
        break;
      case 'try':
        this.#try(at);
        break;
      default:
        this.#notes.notUnderstood(at.line, `"${at.name}" is no task that is known`);
        this.#put(this.#node(at, { isOpen: true }));
        break;
    }
  }

  #node({ id, line, next, around }: At, fields: Partial<GraphNode>): GraphNode {
    return plainNode({ id, line, next, interrupts: around.interrupts, ...fields });
  }

  #shown(at: At, names: readonly string[], otherwise: number | null): void {
    const takes = this.#timeoutOf(at.task, [...at.place, 'timeout']) ?? otherwise;
    this.#put(this.#node(at, { names: [...new Set(names)], takes }));
  }

  #emit(at: At): void {
    const event = treeOf(treeOf(at.task['emit'])['event']);
    const type = textOf(treeOf(event['with'])['type']);
    this.#shown(at, [...(type === undefined ? [] : [type]), at.name], null);
  }

  #listen(at: At): void {
    const to = treeOf(treeOf(at.task['listen'])['to']);
    const types = eventTypes(to);
    this.#notes.understood(at.line, `"${at.name}" waits for ${types.join(' or ') || 'an event'}`);
    if (listOf(to['all']).length > 1) {
      const why = 'waits for several events: the first of them counts as its end';
      this.#notes.notUnderstood(at.line, `"${at.name}" ${why}`);
    }
    this.#shown(at, [...types, at.name], Infinity);
  }

  #wait(at: At): void {
    const takes = durationMs(at.task['wait']);
    if (takes === undefined) {
      this.#notes.notUnderstood(at.line, `"${at.name}" waits for a time that only a run knows`);
    }
    this.#put(this.#node(at, { takes: takes ?? Infinity }));
  }

  #switch(at: At): void {
    const cases = listOf(at.task['switch']).flatMap((each) => Object.values(treeOf(each)));
    const next = cases.map((each) =>
      this.#then(treeOf(each)['then'], { ...at, following: at.next[0] ?? at.around.exit }),
    );
    const isTotal = cases.some((each) => treeOf(each)['when'] === undefined);
    this.#put(this.#node(at, { next: isTotal ? next : [...next, ...at.next], follow: 'any' }));
  }

  /** Caught, it leads to who catches it; else the run has failed. */
  #raise(at: At): void {
    const [caught] = at.around.interrupts;
    if (caught === undefined) {
      this.#put(this.#node(at, { next: [], end: 'failed' }));
      return;
    }
    this.#put(this.#node(at, { next: [caught.to], interrupts: [] }));
  }

  #block(at: At, tasks: unknown, ...key: Place): void {
    const around = { ...at.around, exit: at.next[0] ?? at.around.exit };
    const first = this.#list(tasks, [...at.place, ...key], around);
    this.#put(plainNode({ id: at.id, line: at.line, next: [first] }));
  }

  /** There may be nothing to go through, and the last of many is not to be told from the others. */
  #for(at: At): void {
    const exit = `${at.id} each`;
    this.#put(plainNode({ id: exit, line: at.line, next: at.next, isOpen: true }));
    const first = this.#list(at.task['do'], [...at.place, 'do'], { ...at.around, exit });
    this.#put(plainNode({ id: at.id, line: at.line, next: [first, ...at.next], follow: 'any' }));
  }

  #fork(at: At): void {
    const exit = `${at.id} joined`;
    this.#put(plainNode({ id: exit, line: at.line, next: at.next, joins: true }));
    const place = [...at.place, 'fork', 'branches'];
    const branches = listOf(treeOf(at.task['fork'])['branches']);
    const next = branches.map((branch, index) => {
      const [name = '', task] = Object.entries(treeOf(branch))[0] ?? [];
      const own = [...place, index, name];
      const id = JSON.stringify(own);
      const around = { ...at.around, exit };
      const line = this.#document.lineOf(own);
      const siblings = new Map<string, string>();
      this.#task({
        name,
        task: treeOf(task),
        place: own,
        id,
        line,
        next: [exit],
        around,
        siblings,
      });
      return id;
    });
    this.#put(plainNode({ id: at.id, line: at.line, next }));
  }

  #try(at: At): void {
    const handler = treeOf(at.task['catch']);
    const exit = at.next[0] ?? at.around.exit;
    const caught = this.#list(handler['do'], [...at.place, 'catch', 'do'], { ...at.around, exit });
    const around = { exit, interrupts: [{ to: caught, afterMs: null }] };
    const first = this.#list(at.task['try'], [...at.place, 'try'], around);
    this.#put(plainNode({ id: at.id, line: at.line, next: [first] }));
  }

  /** Inline, or by its name under `use.timeouts`. */
  #timeoutOf(tree: Tree, place: Place): number | undefined {
    const timeout = tree['timeout'];
    if (timeout === undefined) return undefined;
    const name = textOf(timeout);
    const used = treeOf(treeOf(this.#root['use'])['timeouts']);
    const found = name === undefined ? timeout : used[name];
    const ms = durationMs(treeOf(found)['after']);
    if (ms === undefined) {
      this.#notes.notUnderstood(this.#document.lineOf(place), 'a timeout that is no duration');
    }
    return ms;
  }

  #put(node: GraphNode): void {
    this.#nodes.set(node.id, node);
  }
}

/** Types of the events that one filter, any or all of several ask for. */
function eventTypes(to: Tree): string[] {
  return [to['one'], ...listOf(to['any']), ...listOf(to['all'])].flatMap(
    (filter) => textOf(treeOf(treeOf(filter)['with'])['type']) ?? [],
  );
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1_000],
  ['milliseconds', 1],
]);

/** `PT5M` or `{ minutes: 5 }`. */
function durationMs(value: unknown): number | undefined {
  if (!isTree(value)) return isoDurationMs(textOf(value));
  let ms = 0;
  for (const [unit, amount] of Object.entries(value)) {
    const unitMs = UNITS_MS.get(unit);
    if (unitMs === undefined || typeof amount !== 'number') return undefined;
    ms += amount * unitMs;
  }
  return ms;
}
