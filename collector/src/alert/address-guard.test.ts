import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.js';
import { guardedPost } from './post-json.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const REFUSED = [
  'http://hooks.example/plain-http',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://0.0.0.0/',
  'https://10.1.2.3/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://localhost/',
  'https://service.localhost/',
  'https://user:secret@hooks.example/',
  'file:///etc/passwd',
  'ftp://hooks.example/',
];

describe('the guard of addresses', () => {
  it.each(REFUSED)('refuses %s', (url) => {
    expect(() => new AddressGuard(false).checkUrl(new URL(url))).toThrow(
      expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
    );
  });

  it.each(['https://hooks.example/x', 'https://93.184.215.14/', 'https://[2606:4700::1]/'])(
    'lets %s pass',
    (url) => {
      expect(() => new AddressGuard(false).checkUrl(new URL(url))).not.toThrow();
    },
  );

  it('allows private networks and this machine when told so, link-local addresses only by name', () => {
    const all = new AddressGuard(true);
    expect(() => all.checkUrl(new URL('http://127.0.0.1:1/'))).not.toThrow();
    expect(() => all.checkUrl(new URL('http://10.0.0.1/'))).not.toThrow();
    expect(() => all.checkUrl(new URL('http://169.254.169.254/'))).toThrow(/linkLocal/);
    const some = new AddressGuard(['10.0.0.1', '169.254.169.254']);
    expect(() => some.checkUrl(new URL('http://169.254.169.254/'))).not.toThrow();
    expect(() => some.checkUrl(new URL('https://10.0.0.2/'))).toThrow();
  });

  it('asks for the address that is connected to: a name that leads inwards reaches nobody', async () => {
    let reached = 0;
    const server = createServer((_request, response) => {
      reached += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://hooks.example:${String(port)}/`);
    const inwards = async () => [{ address: '127.0.0.1', family: 4 }];
    const signal = new AbortController().signal;
    const posting = { url, body: '{}' };
    // The name is allowed in the clear, and yet the address behind it is refused for any other name.
    const rebound = new AddressGuard(['other.example'], inwards);
    await expect(rebound.addressesOf('hooks.example')).rejects.toThrow(
      /127\.0\.0\.1, which is not/,
    );
    await expect(guardedPost(rebound)(posting, signal)).rejects.toThrow();
    expect(reached).toBe(0);
    await guardedPost(new AddressGuard(['hooks.example'], inwards))(posting, signal);
    expect(reached).toBe(1);
  });
});
