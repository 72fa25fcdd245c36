import { describe, expect, test } from 'vitest';
import type { UnixNs } from '@throughline/model/time';
import type { Decoded } from '../wire.js';
import { decode } from './decode.js';

const RECEIVED = 1_700_000_000_000_000_000n as UnixNs;
const good = { specversion: '1.0', id: '7', source: '/orders', type: 'order.placed' };
const event = (changes: object): Decoded =>
  decode('cloudevent', Buffer.from(JSON.stringify({ ...good, ...changes })), RECEIVED);
const attributesOf = (changes: object) => event(changes).spans[0]?.attributes;

describe('a CloudEvent', () => {
  test('is one span: its service the source, its name the type', () => {
    const { spans } = event({ time: '2026-01-01T00:00:00.000000001Z', subject: 'o-8123' });
    expect(spans).toMatchObject([
      { name: 'order.placed', kind: 'producer', startedAtNs: 1_767_225_600_000_000_001n },
    ]);
    expect(spans[0]?.endedAtNs).toBe(spans[0]?.startedAtNs);
    expect(spans[0]?.resource.get('service.name')).toBe('/orders');
    expect(spans[0]?.attributes.get('subject')).toBe('o-8123');
    expect(spans[0]?.attributes.get('cloudevents.event_id')).toBe('7');
  });

  test('has its identity from source and id alone', () => {
    const ids = (changes: object) => {
      const [span] = event(changes).spans;
      return `${String(span?.traceId)}-${String(span?.spanId)}`;
    };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(ids({ time: '2026-01-01T00:00:00Z', data: 1, traceparent })).toBe(ids({}));
    expect(ids({ id: '8' })).not.toBe(ids({}));
    expect(ids({ source: '/other' })).not.toBe(ids({}));
    expect(ids({ source: '/order', id: 's7' })).not.toBe(ids({}));
  });

  test('happened when it arrived, if it names no time', () => {
    expect(event({}).spans[0]?.startedAtNs).toBe(RECEIVED);
    expect(event({ time: null }).spans[0]?.startedAtNs).toBe(RECEIVED);
  });

  test('links to the span in which its flow began', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(event({ traceparent }).spans[0]?.links).toMatchObject([
      { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
    ]);
    for (const bad of ['00-0-0-01', `ff${traceparent.slice(2)}`, `${traceparent}-more`, 'x']) {
      expect([bad, event({ traceparent: bad }).spans[0]?.links]).toEqual([bad, []]);
    }
    const future = `01${traceparent.slice(2)}-more`;
    expect(event({ traceparent: future }).spans[0]?.links).toHaveLength(1);
  });

  test('spreads its data: objects by path, lists whole', () => {
    const links = [{ target: 'a' }, { target: 'b' }];
    const attributes = attributesOf({
      data: { context: { chainId: 'c-1', n: 5 }, links, none: null },
    });
    expect(attributes?.get('data.context.chainId')).toBe('c-1');
    expect(attributes?.get('data.context.n')).toBe(5);
    expect(attributes?.get('data.links')).toEqual(links);
    expect(attributes?.get('data.none')).toBeNull();
    expect(attributesOf({ data: [1, 2] })?.get('data')).toEqual([1, 2]);
    expect(attributesOf({ data: 'text' })?.get('data')).toBe('text');
  });

  test('keeps the digits of big numbers in its data', () => {
    const body = JSON.stringify({ ...good, data: { n: 'N' } }).replace(
      '"N"',
      '12345678901234567890',
    );
    const { spans } = decode('cloudevent', Buffer.from(body), RECEIVED);
    expect(spans[0]?.attributes.get('data.n')).toBe('12345678901234567890');
  });

  test('may carry its data as base64: read as JSON when its type says so, else kept as bytes', () => {
    const data_base64 = Buffer.from('{"order":{"id":"8123"}}').toString('base64');
    const json = attributesOf({ data_base64, datacontenttype: 'application/json' });
    expect(json?.get('data.order.id')).toBe('8123');
    expect(json?.get('messaging.message.body.size')).toBe(23);
    const bytes = attributesOf({ data_base64, datacontenttype: 'image/png' });
    expect(bytes?.get('data')).toEqual({ bytesValue: data_base64 });
    const wrong = attributesOf({ data_base64: '/w==', datacontenttype: 'application/json' });
    expect(wrong?.get('data')).toEqual({ bytesValue: '/w==' });
  });

  test.each([
    ['no specversion', { specversion: undefined }],
    ['an unknown specversion', { specversion: '0.3' }],
    ['no id', { id: undefined }],
    ['an empty id', { id: '' }],
    ['a number for an id', { id: 25 }],
    ['an object for an id', { id: { x: 1 } }],
    ['an empty source', { source: '' }],
    ['no source', { source: null }],
    ['an empty type', { type: '' }],
    ['a time that is none', { time: 'lunchtime' }],
    ['a time without seconds', { time: '2018-04-05T18:31Z' }],
    ['a time with half an offset', { time: '2018-04-05T18:31:00+05' }],
    ['a time with an offset of 25 hours', { time: '2018-04-05T18:31:00+25:00' }],
    ['a content type that is none', { datacontenttype: 'xyz' }],
    ['an empty content type', { datacontenttype: '' }],
    ['an empty schema', { dataschema: '' }],
    ['an empty subject', { subject: '' }],
    ['an extension in capitals', { MyExtension: 'bad' }],
    ['an extension with a dot', { 'my.extension': 'bad' }],
    ['an extension with a fraction', { half: 0.5 }],
    ['an extension that is an object', { nested: {} }],
    ['data twice', { data: 'a', data_base64: 'YQ==' }],
    ['base64 that is none', { data_base64: '%%' }],
  ])('with %s is refused', (_, changes) => {
    const { spans, rejected } = event(changes);
    expect(spans).toEqual([]);
    expect(rejected).toHaveLength(1);
  });

  test('with data deeper than the limit is refused', () => {
    const nested = '{"a":'.repeat(100) + '1' + '}'.repeat(100);
    const list = '['.repeat(100) + ']'.repeat(100);
    for (const data of [nested, list]) {
      const body = JSON.stringify({ ...good, data: 'D' }).replace('"D"', data);
      const { rejected } = decode('cloudevent', Buffer.from(body), RECEIVED);
      expect(rejected).toMatchObject([{ reason: 'too_deep' }]);
    }
  });

  test('in a batch is refused by its place, the others are kept', () => {
    const batch = JSON.stringify([good, { ...good, id: '' }, 5, { ...good, id: '9' }]);
    const { spans, rejected } = decode('cloudevents-batch', Buffer.from(batch), RECEIVED);
    expect(spans).toHaveLength(2);
    expect(rejected.map(({ index }) => index)).toEqual([1, 2]);
    expect(rejected[0]?.detail).toContain('id');
    expect(() => decode('cloudevents-batch', Buffer.from('{}'), RECEIVED)).toThrow(/list/);
  });
});
