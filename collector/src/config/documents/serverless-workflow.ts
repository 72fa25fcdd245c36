import type { DocumentNotes } from './document-notes.js';
import { LocatedDocument } from './located-document.js';
import { ServerlessStates } from './serverless-states.js';
import { ServerlessTasks } from './serverless-tasks.js';
import type { StepGraph } from './step-graph.js';
import { textOf, treeOf } from './tree.js';

/**
 * Reads a CNCF Serverless Workflow, DSL 1.0 or 0.8. A task or state goes by its name, or by the type of the event
 * that it emits or listens to.
 *
 * @param named the workflow, where the entry names it; else the document's name does (0.8: its id).
 * @throws Fault BAD_CONFIG with file and line when it is none, or leads to what is not there.
 */
export function readServerlessWorkflow(
  text: string,
  named: string | null,
  notes: DocumentNotes,
): StepGraph {
  const document = new LocatedDocument(text, notes);
  const root = treeOf(document.root);
  const dsl = textOf(treeOf(root['document'])['dsl']);
  const specVersion = textOf(root['specVersion']);
  if (dsl?.startsWith('1.') === true) return new ServerlessTasks(document, notes).read(named);
  if (specVersion?.startsWith('0.') === true && Array.isArray(root['states'])) {
    return new ServerlessStates(document, notes).read(named);
  }
  const found = dsl ?? specVersion;
  throw notes.fault(
    1,
    found === undefined
      ? 'is no Serverless Workflow: it says neither document.dsl nor specVersion'
      : `is Serverless Workflow ${found}; DSL 1.0 and 0.8 are known`,
  );
}
