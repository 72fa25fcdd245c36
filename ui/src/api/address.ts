/** The path that the product is served under, with a slash at both ends; `/` unless a proxy adds a prefix. */
export const basePath = new URL('.', document.baseURI).pathname;

/** The address of an API route, whatever the prefix. `path` begins without a slash. */
export function apiAddress(
  path: string,
  params: Readonly<Record<string, string | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return `${basePath}api/v1/${path}${text === '' ? '' : `?${text}`}`;
}
