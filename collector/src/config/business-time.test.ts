import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load(yaml: string) {
  writeFileSync(join(folder, 'throughline.yaml'), yaml);
  return loadConfig({ flags: {}, env: {}, cwd: folder });
}

it('says where business time is meant and what it is, and is refused where nothing says that', () => {
  const calendar = `
expectations:
  calendar:
    timezone: Europe/Berlin
    hours: { mon-fri: 09:00-17:00 }
    holidays: [2026-12-25]
`;
  const flows = `
flows:
  - workflow: claims
    business_time: true
    expect: [{ after: claim.received, event: claim.read, within: 8h, business_time: false }]
`;
  const { policy } = load(calendar + flows);
  expect(policy.calendar?.text).toBe('Mon–Fri 09:00–17:00, 1 holiday');
  expect(policy.flows[0]).toMatchObject({
    isBusinessTime: true,
    expects: [{ isBusinessTime: false }],
  });
  expect(() => load(flows)).toThrow(/throughline\.yaml:3.*add expectations\.calendar/);
  expect(() => load(calendar.replace('mon-fri', 'someday'))).toThrow(
    'expected days such as mon-fri',
  );
});
