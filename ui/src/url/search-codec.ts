/** Search parameters as the address has them: text, each name once. */
export type SearchParams = Readonly<Record<string, string>>;

/**
 * Reads `?status=active&q=name:pay*`. Values stay text: a key such as `8123` must not turn into a number, and
 * names that this version does not know are kept, so that a newer link survives an older page.
 */
export function parseSearch(text: string): SearchParams {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) {
    if (!(name in params)) params[name] = value;
  }
  return params;
}

/** Characters that the query part of an address may hold as they are, and that people read better so. */
const READABLE = /%(3A|2C|2F|40|2A|3E|3C|3D|22)/g;

export function stringifySearch(params: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== 'string' || value === '') continue;
    parts.push(`${encodeURIComponent(name)}=${readable(value)}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function readable(value: string): string {
  const encoded = encodeURIComponent(value).replaceAll('%20', '+');
  return encoded.replace(READABLE, (escape) => decodeURIComponent(escape));
}
