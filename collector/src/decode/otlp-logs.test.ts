import { describe, expect, test } from 'vitest';
import { recordedBody } from '@throughline/fixtures/recorded-input';
import { Fault } from '../errors.js';
import { countLogRecords } from './otlp-logs.js';

describe('OTLP logs', () => {
  test('records are counted in both encodings', () => {
    expect(countLogRecords('json', recordedBody('otlp/proto-example-logs.json'))).toBe(1);
    expect(countLogRecords('json', Buffer.from('{}'))).toBe(0);
    // resource_logs{scope_logs{log_records{} log_records{}}}
    const bytes = Buffer.from([0x0a, 0x06, 0x12, 0x04, 0x12, 0x00, 0x12, 0x00]);
    expect(countLogRecords('protobuf', bytes)).toBe(2);
    expect(() => countLogRecords('protobuf', Buffer.from([0x0a, 0x09]))).toThrow(Fault);
  });
});
