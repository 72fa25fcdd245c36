import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

const url = (env: Record<string, string>): string | undefined =>
  readSettings({}, env).exporter?.url;

describe('the endpoint', () => {
  it('is the loopback collector unless the environment names another', () => {
    expect(url({})).toBe('http://127.0.0.1:4318/v1/traces');
    expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toBe('http://127.0.0.1:4318/v1/traces');
  });

  it('gets the path of the signal when it is the general one, and is taken as given when it is of traces', () => {
    const general = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/base/' };
    expect(url(general)).toBe('https://otel.example/base/v1/traces');
    const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in' };
    expect(url({ ...general, ...traces })).toBe('https://traces.example/in');
    expect(readSettings({ endpoint: 'http://own.example' }, traces).exporter?.url).toBe(
      'http://own.example/v1/traces',
    );
  });

  it('that is no http address is not used', () => {
    for (const wrong of ['localhost:4318', 'grpc://x:4317', 'not an address']) {
      expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: wrong })).toBe('http://127.0.0.1:4318/v1/traces');
    }
  });
});

describe('the environment', () => {
  it('gives headers, with those of traces over the general ones', () => {
    const { exporter } = readSettings(
      {},
      {
        OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20a%3Db, x-tenant = acme,broken,=none',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=other,x-bad=%ZZ',
      },
    );
    expect(exporter?.headers).toEqual({
      authorization: 'Bearer a=b',
      'x-tenant': 'other',
      'x-bad': '%ZZ',
    });
  });

  it('chooses protocol and compression, and falls back where a value is not known', () => {
    const exporter = (env: Record<string, string>): unknown => {
      const { encoding, isCompressed } = readSettings({}, env).exporter ?? {};
      return [encoding, isCompressed];
    };
    expect(exporter({})).toEqual(['json', false]);
    expect(
      exporter({
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      }),
    ).toEqual(['protobuf', true]);
    expect(exporter({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual(['json', false]);
  });

  it('switches export off, and everything off', () => {
    expect(readSettings({}, { OTEL_TRACES_EXPORTER: 'none' }).exporter).toBeNull();
    expect(readSettings({}, { OTEL_SDK_DISABLED: 'TRUE' }).isDisabled).toBe(true);
    expect(readSettings({}, { OTEL_SDK_DISABLED: '1' }).isDisabled).toBe(false);
  });

  it('is not believed when it gives no positive whole number', () => {
    for (const wrong of ['0', '-5', '1.5', 'many', '']) {
      const settings = readSettings({}, { OTEL_BSP_MAX_QUEUE_SIZE: wrong });
      expect(settings.queueSpansMax).toBe(2_048);
    }
    expect(readSettings({}, { OTEL_BSP_MAX_QUEUE_SIZE: '7' }).queueSpansMax).toBe(7);
  });

  it('leaves out propagators', () => {
    const fields = (OTEL_PROPAGATORS: string): string[] =>
      readSettings({}, { OTEL_PROPAGATORS }).propagator.fields();
    expect(fields('none')).toEqual([]);
    expect(fields('b3,baggage')).toEqual(['baggage']);
    expect(fields('tracecontext')).toEqual(['traceparent', 'tracestate']);
  });
});
