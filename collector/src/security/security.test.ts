import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isLoopback, mustBeLoopback } from './listen-rule.js';
import { RequestGuard } from './request-guard.js';

const guard = new RequestGuard({
  listenHost: '127.0.0.1',
  allowedHosts: ['Ops.example'],
  allowedOrigins: ['https://ops.example'],
});

function codeOf(headers: Record<string, string>, method = 'GET'): string | undefined {
  const rawHeaders = Object.entries(headers).flat();
  return guard.faultOf({ headers, rawHeaders, method } as unknown as IncomingMessage)?.code;
}

describe('the request guard', () => {
  it.each(['localhost:4318', '127.0.0.1:4318', '[::1]:4318', 'LOCALHOST', 'ops.example:443'])(
    'serves a request to %s',
    (host) => {
      expect(codeOf({ host })).toBeUndefined();
    },
  );

  it.each(['evil.example:4318', '127.0.0.1.evil.example', 'localhost.', '', '0.0.0.0:4318'])(
    'refuses a request to %j: another name may have been rebound to us',
    (host) => {
      expect(codeOf({ host })).toBe('FORBIDDEN_HOST');
    },
  );

  it('refuses a request that names no host', () => {
    expect(codeOf({})).toBe('FORBIDDEN_HOST');
  });

  it.each([
    ['Host', 'localhost', 'Host', 'evil.example'],
    ['Host', 'localhost', 'Accept', '*/*', 'hOST', 'localhost'],
  ])('refuses a request that names its host twice: %s', (...rawHeaders) => {
    // Node keeps the first Host in `headers`; a proxy before us may have read the last.
    const request = { headers: { host: 'localhost' }, rawHeaders, method: 'GET' };
    const fault = guard.faultOf(request as unknown as IncomingMessage);
    expect(fault).toMatchObject({ code: 'BAD_REQUEST', status: 400 });
  });

  it('is not misled by a header whose value is "host"', () => {
    const headers = { host: 'localhost', 'x-one': 'host', 'x-two': 'Host' };
    expect(codeOf(headers)).toBeUndefined();
  });

  it('serves its own pages and those that the configuration allows', () => {
    expect(codeOf({ host: '127.0.0.1:4318', origin: 'http://127.0.0.1:4318' })).toBeUndefined();
    expect(codeOf({ host: 'ops.example', origin: 'https://ops.example' })).toBeUndefined();
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:9999', 'http://localhost:4318'])(
    'refuses a page of %s',
    (origin) => {
      expect(codeOf({ host: '127.0.0.1:4318', origin })).toBe('FORBIDDEN_ORIGIN');
    },
  );

  it('refuses a write that a browser sends for another site without an origin', () => {
    const headers = { host: 'localhost', 'sec-fetch-site': 'cross-site' };
    expect(codeOf(headers, 'POST')).toBe('FORBIDDEN_ORIGIN');
    expect(codeOf(headers, 'GET')).toBeUndefined();
    expect(codeOf({ host: 'localhost' }, 'POST')).toBeUndefined();
  });

  it('shows nothing in its answer that a terminal would act on', () => {
    const fault = guard.faultOf({
      rawHeaders: [],
      headers: { host: `\u001b[2J${'x'.repeat(500)}` },
      method: 'GET',
    } as unknown as IncomingMessage);
    expect(fault?.message).not.toContain('\u001b');
    expect(fault?.message.length).toBeLessThan(150);
  });
});

describe('listening', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '[::1]'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'collector.internal', '127.evil.example'])(
    '%s is refused with what to do instead',
    (host) => {
      expect(() => mustBeLoopback(host)).toThrow(/loopback only/);
    },
  );
});
