import { BpmnScope } from './bpmn-scope.js';
import type { DocumentNotes } from './document-notes.js';
import type { GraphNode, StepGraph } from './step-graph.js';
import { childrenOf, xmlTree, type XmlElement } from './xml-tree.js';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

/**
 * Reads the processes of a BPMN 2.0 file. Tasks and message events show in spans; a task goes by its name, its id, or
 * the job type or topic that an engine knows it by, a message event by the name of its message.
 *
 * @param named the workflow, where the entry names it; else each process goes by its id.
 * @throws Fault BAD_CONFIG with file and line when it is no BPMN, or a flow leads to nothing.
 */
export function readBpmn(text: string, named: string | null, notes: DocumentNotes): StepGraph[] {
  const root = xmlTree(text, notes);
  if (root.name !== 'definitions' || root.uri !== MODEL) {
    throw notes.fault(root.line, `is no BPMN 2.0 document: its root is <${root.name}>`);
  }
  const messages = new Map(
    childrenOf(root, 'message').flatMap(({ attributes }) => {
      const id = attributes.get('id');
      return id === undefined ? [] : [[id, attributes.get('name') ?? id] as const];
    }),
  );
  const processes = childrenOf(root, 'process').filter(({ children }) => children.length > 0);
  const [first, second] = processes;
  if (first === undefined) throw notes.fault(root.line, 'holds no process');
  if (named !== null && second !== undefined) {
    const why = `holds ${processes.length} processes, and workflow names one: leave it out`;
    throw notes.fault(second.line, why);
  }
  for (const { line } of childrenOf(root, 'collaboration').flatMap(messageFlows)) {
    notes.notUnderstood(line, 'a message flow between pools: its ends say what is sent and taken');
  }
  return processes.map((process) => graphOf(process, { named, messages, notes }));
}

function messageFlows(collaboration: XmlElement): XmlElement[] {
  return childrenOf(collaboration, 'messageFlow');
}

interface Context {
  readonly named: string | null;
  readonly messages: ReadonlyMap<string, string>;
  readonly notes: DocumentNotes;
}

function graphOf(process: XmlElement, { named, messages, notes }: Context): StepGraph {
  const nodes = new Map<string, GraphNode>();
  const compensations = new Map<string, string>();
  const workflow = named ?? process.attributes.get('id') ?? 'process';
  const scope = new BpmnScope(process, { nodes, compensations, messages, notes });
  const start = scope.read({ exit: null, interrupts: [] });
  return { workflow, start, nodes, deadlineMs: null, compensations, notes };
}
