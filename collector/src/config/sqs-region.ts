/** Where SQS is asked: its region, and an address where it is not the one that the region has by itself. */
export interface SqsRegion {
  readonly region: string;
  readonly endpoint: string | null;
}

const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
const OWN_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const HOST_WITH_REGION = /\bsqs\.([a-z]{2,}(?:-[a-z]+)+-\d+)\./;

/**
 * A region, or an address.
 *
 * @param region of an address that does not name it. @returns null for neither; the region is empty when it is missing.
 */
export function sqsRegion(text: string, region: string | undefined): SqsRegion | null {
  if (REGION.test(text)) return { region: region ?? text, endpoint: null };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return null;
  }
  const own = OWN_HOST.exec(url.hostname)?.[1];
  if (own !== undefined) return { region: region ?? own, endpoint: null };
  url.username = '';
  url.password = '';
  const named = region ?? HOST_WITH_REGION.exec(url.hostname)?.[1] ?? '';
  return { region: named, endpoint: url.href };
}
