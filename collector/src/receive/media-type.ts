import { Fault } from '../errors.js';

/** The media type of a Content-Type in lower case, without parameters; null when there is none. */
export function mediaTypeOf(contentType: string | undefined): string | null {
  const [type = ''] = (contentType ?? '').split(';');
  const essence = type.trim().toLowerCase();
  return essence === '' ? null : essence;
}

/** JSON is UTF-8; another charset would be misread. @throws Fault UNSUPPORTED_TYPE */
export function assertUtf8(contentType: string | undefined): void {
  const match = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '');
  const charset = match?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') return;
  throw new Fault(
    'UNSUPPORTED_TYPE',
    `The charset ${charset.slice(0, 40)} is not supported; send UTF-8.`,
  );
}

/** `application/json` or `application/<anything>+json`. */
export function isJsonMediaType(essence: string | null): boolean {
  return essence !== null && /^[^/]+\/(?:[^/]+\+)?json$/.test(essence);
}

/** @throws Fault UNSUPPORTED_ENCODING for anything but none, identity and gzip. */
export function contentEncodingOf(header: string | undefined): 'identity' | 'gzip' {
  const encoding = (header ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity' || encoding === 'none') return 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  throw new Fault(
    'UNSUPPORTED_ENCODING',
    `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not supported.`,
  );
}
