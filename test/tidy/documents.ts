import { posix } from 'node:path';
import { exists, repositoryFiles, textOf } from './source-tree.js';

export const documents = repositoryFiles.filter((path) => path.endsWith('.md'));

const FENCE = /^(```|~~~)[\s\S]*?^\1/gm;
const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;

/** The anchors that a document's headings get, as GitHub makes them. */
export function anchorsOf(path: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of textOf(path)
    .replace(FENCE, '')
    .matchAll(/^#{1,6}\s+(.+)$/gm)) {
    const base = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let anchor = base;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${base}-${String(n)}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Links of a document that lead nowhere within the repository. Addresses elsewhere are not followed. */
export function brokenLinks(path: string): readonly string[] {
  const prose = textOf(path)
    .replace(FENCE, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target) && !leadsSomewhere(path, target))
    .map((target) => `${path} links to ${target}`);
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path =
    file === '' ? from : posix.normalize(posix.join(posix.dirname(from), decodeURI(file)));
  if (!exists(path)) return false;
  return anchor === undefined || !path.endsWith('.md') || anchorsOf(path).has(anchor);
}
