import { SaxesParser } from 'saxes';
import type { DocumentNotes } from './document-notes.js';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** Namespace; empty where there is none. */
  readonly uri: string;
  readonly line: number;
  readonly children: XmlElement[];
  text: string;
  /** By name without prefix. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** @throws Fault BAD_CONFIG with file and line when the text is no well-formed XML. */
export function xmlTree(text: string, notes: DocumentNotes): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let startLine = 1;
  parser.on('error', (error) => {
    throw notes.fault(parser.line, `is no well-formed XML: ${reasonOf(error)}`);
  });
  parser.on('opentagstart', () => (startLine = parser.line));
  parser.on('opentag', ({ local, uri, attributes }) => {
    const element: XmlElement = {
      name: local,
      uri,
      line: startLine,
      children: [],
      text: '',
      attributes: new Map(Object.values(attributes).map((each) => [each.local, each.value])),
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (part) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  });
  parser.on('cdata', (part) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  if (root === undefined) throw notes.fault(1, 'is no XML: it has no element');
  return root;
}

/** saxes puts `line:column: ` before what it says. */
function reasonOf({ message }: Error): string {
  return message.replace(/^(?:undefined:)?\d+:\d+: /, '');
}

/** Children of that name, whatever their namespace. */
export function childrenOf(element: XmlElement, ...names: readonly string[]): XmlElement[] {
  return element.children.filter(({ name }) => names.includes(name));
}

/** The first element of that name below, at any depth. */
export function foundIn(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    const found = child.name === name ? child : foundIn(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
