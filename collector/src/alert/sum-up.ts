import type { NoticeKind } from './alert-record.js';
import { cut, type Told, type ToldFinding } from './message.js';

const SEVERITIES = ['critical', 'warning', 'info'] as const;
/** Named one by one in the text; all of them are in the list of a webhook. */
const NAMED_MAX = 10;
const NAMED_CHARS_MAX = 300;
const RUN_IDS_MAX = 20;

/** What many alerts have in common, in the shape of one finding, for whoever reads a single message. */
export function sumUp(
  alerts: readonly [Told, ...Told[]],
  kind: NoticeKind,
  dedupKey: string,
): ToldFinding {
  const findings = alerts.map(({ finding }) => finding);
  const rules = counted(findings.map(({ rule }) => rule));
  const places = new Set(findings.map(({ where }) => where));
  const [first] = alerts;
  return {
    ...first.finding,
    id: dedupKey,
    rule: rules.length === 1 ? first.finding.rule : 'several',
    severity:
      SEVERITIES.find((each) => findings.some(({ severity }) => severity === each)) ?? 'info',
    state: kind === 'firing' ? 'open' : 'closed',
    openedAt: earliest(alerts.map(({ startsAt }) => startsAt)),
    subject: { kind: 'service', id: dedupKey, label: `${alerts.length} alerts` },
    workflow: same(findings.map(({ workflow }) => workflow)),
    owner: same(findings.map(({ owner }) => owner)),
    verdict: same(findings.map(({ verdict }) => verdict)),
    runsAffected: findings.reduce((sum, { runsAffected }) => sum + runsAffected, 0),
    runIds: [...new Set(findings.flatMap(({ runIds }) => runIds))].slice(0, RUN_IDS_MAX),
    where: places.size === 1 ? first.finding.where : `${places.size} places`,
    sentence: `${alerts.length} alerts ${kind === 'firing' ? 'fire' : 'are over'}: ${list(rules)}.`,
    evidence: named(findings),
    next: [{ text: 'look at all alerts', link: '/alerts' }],
    note: null,
  };
}

/** The most frequent first: `30 stalled-run, 7 missing-consumer`. */
function counted(words: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

function list(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([word, count]) => `${count} ${word}`).join(', ');
}

function named(findings: readonly ToldFinding[]): ToldFinding['evidence'] {
  const lines = findings
    .slice(0, NAMED_MAX)
    .map(({ where, sentence }) => ({ text: where, value: cut(sentence, NAMED_CHARS_MAX) }));
  const rest = findings.length - lines.length;
  return rest === 0 ? lines : [...lines, { text: `and ${rest} more` }];
}

function same<T>(values: readonly T[]): T | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

function earliest(instants: readonly string[]): string {
  return instants.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
}
