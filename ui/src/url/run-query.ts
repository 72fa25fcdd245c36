/** One condition of a run query: `status:active`, `duration>=200ms`, or a bare word (`field` null). */
export interface Term {
  readonly field: string | null;
  readonly operator: string;
  readonly value: string;
}

/** Fields that the list of runs takes as parameters of their own; everything else travels in `q`. */
export const PARAM_FIELDS = [
  'status',
  'workflow',
  'pattern',
  'finding',
  'service',
  'destination',
  'key',
] as const;
export type ParamField = (typeof PARAM_FIELDS)[number];

export type RunFilter = { readonly [K in ParamField | 'q']?: string | undefined };

const TERM = /([\w.-]+)(:|>=|<=|=|>|<)("(?:[^"\\]|\\.)*"|\S*)|("(?:[^"\\]|\\.)*"|\S+)/g;

export function parseTerms(text: string): Term[] {
  const terms: Term[] = [];
  for (const match of text.matchAll(TERM)) {
    const [, field, operator, value, bare] = match;
    if (field !== undefined && operator !== undefined && value !== undefined) {
      if (value !== '') terms.push({ field, operator, value: unquoted(value) });
    } else if (bare !== undefined) {
      terms.push({ field: null, operator: '', value: unquoted(bare) });
    }
  }
  return terms;
}

export function formatTerm({ field, operator, value }: Term): string {
  return `${field ?? ''}${operator}${quoted(value, field === null)}`;
}

export function formatTerms(terms: readonly Term[]): string {
  return terms.map(formatTerm).join(' ');
}

function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

/** Quotes what would be read as something else: spaces, quotes, nothing at all, a bare word with an operator. */
function quoted(text: string, isBare: boolean): string {
  const isPlain = text !== '' && !/[\s"]/.test(text) && !(isBare && /[:<>=]/.test(text));
  return isPlain ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Search parameters → the one text in the query bar. */
export function filterText(filter: RunFilter): string {
  const own = PARAM_FIELDS.flatMap((field) => {
    const value = filter[field];
    return value === undefined || value === '' ? [] : [{ field, operator: ':', value }];
  });
  return formatTerms([...own, ...parseTerms(filter.q ?? '')]);
}

/** The text in the query bar → search parameters. The first term of a field wins, further ones go to `q`. */
export function filterOf(text: string): RunFilter {
  const filter: Partial<Record<ParamField | 'q', string>> = {};
  const rest: Term[] = [];
  for (const term of parseTerms(text)) {
    const field = PARAM_FIELDS.find((name) => name === term.field);
    if (field !== undefined && term.operator === ':' && filter[field] === undefined) {
      filter[field] = term.value;
    } else {
      rest.push(term);
    }
  }
  if (rest.length > 0) filter.q = formatTerms(rest);
  return filter;
}

/** The filter without one of its terms, as its chip shows it. */
export function withoutTerm(filter: RunFilter, index: number): RunFilter {
  const terms = parseTerms(filterText(filter));
  return filterOf(formatTerms(terms.filter((_, place) => place !== index)));
}
