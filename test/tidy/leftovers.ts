import { repositoryFiles, textOf } from './source-tree.js';

/** What nobody wants to find in a finished tree. Patterns are glued together, so that this file is clean itself. */
const glue = (...parts: readonly string[]): string => parts.join('');

interface Leftover {
  readonly what: string;
  readonly pattern: RegExp;
  readonly in: RegExp;
  /** A match is fine when this stands on its line or on the line above. */
  readonly unless?: RegExp;
  /** A match is fine when this stands anywhere in its file. */
  readonly unlessInFile?: RegExp;
}

const TEXT = /\.([mc]?[jt]sx?|css|py|sh|md|ya?ml|json|html)$|^\.ci\/|^test\/systems\/(up|down)$/;
const SCRIPT = /\.[mc]?[jt]sx?$/;
const REASON = /\/\/\s*\S+(\s+\S+){3,}/;

export const LEFTOVERS: readonly Leftover[] = [
  {
    what: 'an unfinished place',
    pattern: new RegExp(glue('\\b(TO', 'DO|FIX', 'ME|X', 'XX|HA', 'CK)\\b')),
    in: TEXT,
  },
  {
    what: 'a test that keeps others from running',
    pattern: new RegExp(
      glue('\\b(it|test|describe)\\.on', 'ly\\b|\\bfi', 't\\(|\\bfdescr', 'ibe\\('),
    ),
    in: /\.(test|case|bench)\.tsx?$/,
  },
  {
    what: 'a skipped test without a reason beside it',
    pattern: new RegExp(
      glue('\\b(it|test|describe)\\.(sk', 'ip|sk', 'ipIf|to', 'do|fa', 'ils)\\b'),
    ),
    in: SCRIPT,
    unless: REASON,
    // The other half of the pair: a test that runs, and says why, where the skipped one cannot.
    unlessInFile: /is not tried here: /,
  },
  {
    what: 'a silenced check without a reason behind --',
    pattern: new RegExp(glue('eslint-dis', 'able(?!.* -- \\S+ \\S+)')),
    in: SCRIPT,
  },
  {
    what: 'a silenced compiler',
    pattern: new RegExp(glue('@ts-(ig', 'nore|no', 'check)|\\bas an', 'y\\b')),
    in: SCRIPT,
  },
  {
    what: 'an expected compiler error without a reason',
    pattern: new RegExp(glue('@ts-expect-er', 'ror(?!.*\\S+ \\S+ \\S+)')),
    in: SCRIPT,
  },
  {
    what: 'a debugger statement',
    pattern: new RegExp(glue('^\\s*debug', 'ger;')),
    in: SCRIPT,
  },
  {
    what: 'a path of one machine',
    pattern: new RegExp(
      glue('(^|[^A-Za-z0-9_.])/(wo', 'rk|fa', 'rm|ro', 'ot|ho', 'me/[a-z]+|Us', 'ers)/'),
    ),
    in: TEXT,
  },
  {
    what: 'the host of a package registry',
    pattern: new RegExp(
      glue(
        'registry\\.npm',
        'js|deb\\.deb',
        'ian\\.org|repo1\\.ma',
        'ven|proxy\\.go',
        'lang|files\\.python',
        'hosted',
      ),
    ),
    in: TEXT,
  },
  {
    what: 'the mark of an unresolved merge',
    pattern: new RegExp(glue('^(<<<<', '<<<|>>>>', '>>>) ')),
    in: /./,
  },
];

const BINARY = /\.(png|jpe?g|gif|ico|woff2?|gz|pb|bin|sqlite)$/;

export function leftoversIn(path: string): readonly string[] {
  if (BINARY.test(path) || path.startsWith('fixtures/recorded/')) return [];
  const text = textOf(path);
  const rules = LEFTOVERS.filter(
    (leftover) => leftover.in.test(path) && !leftover.unlessInFile?.test(text),
  );
  const lines = text.split('\n');
  return lines.flatMap((line, at) =>
    rules
      .filter(({ pattern }) => pattern.test(line))
      .filter(({ unless }) => !unless?.test(line) && !unless?.test(lines[at - 1] ?? ''))
      .map(({ what }) => `${path}:${String(at + 1)} holds ${what}: ${line.trim().slice(0, 80)}`),
  );
}

export const leftovers = (): readonly string[] => repositoryFiles.flatMap(leftoversIn);
