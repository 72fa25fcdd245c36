import type { IncomingHttpHeaders } from 'node:http';
import { Fault } from '../errors.js';
import { isJsonMediaType, mediaTypeOf } from './media-type.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether a request carries an event in binary mode. */
export function isBinaryEvent(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith('ce-'));
}

/**
 * Writes a binary-mode event as structured JSON, so that what is stored can be read again without the headers.
 * CloudEvents HTTP protocol binding 1.0.2, section 3.1.
 *
 * @throws Fault BODY_UNREADABLE when the data is not what its Content-Type says.
 */
export function structuredEvent(headers: IncomingHttpHeaders, data: Buffer): Buffer {
  const attributes: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || value === undefined) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    Object.defineProperty(attributes, header.slice(3), {
      value: percentDecoded(text),
      enumerable: true,
    });
  }
  const contentType = headers['content-type'];
  if (contentType !== undefined) attributes['datacontenttype'] = contentType;
  const head = JSON.stringify(attributes).slice(0, -1);
  const tail =
    data.length === 0 ? '' : `${head === '{' ? '' : ','}${dataMember(contentType, data)}`;
  return Buffer.from(`${head}${tail}}`);
}

/** JSON goes in as it is written, so that no digit is lost; text as text; the rest as base64. */
function dataMember(contentType: string | undefined, data: Buffer): string {
  const essence = mediaTypeOf(contentType);
  const text = textOf(data);
  if (isJsonMediaType(essence)) {
    if (text === undefined) throw notJson('it is not UTF-8');
    try {
      JSON.parse(text);
    } catch (cause) {
      throw notJson(cause instanceof Error ? cause.message.slice(0, 200) : 'unknown');
    }
    return `"data":${text}`;
  }
  if (essence?.startsWith('text/') && text !== undefined) return `"data":${JSON.stringify(text)}`;
  return `"data_base64":"${data.toString('base64')}"`;
}

function notJson(why: string): Fault {
  return new Fault(
    'BODY_UNREADABLE',
    `The event's data is not JSON, as its Content-Type says: ${why}`,
  );
}

function textOf(data: Buffer): string | undefined {
  try {
    return strictUtf8.decode(data);
  } catch {
    return undefined;
  }
}

/** Header values are percent-encoded UTF-8; what cannot be decoded is taken as it is. */
function percentDecoded(text: string): string {
  const unquoted = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (!unquoted.includes('%')) return unquoted;
  try {
    return decodeURIComponent(unquoted);
  } catch {
    return unquoted;
  }
}
