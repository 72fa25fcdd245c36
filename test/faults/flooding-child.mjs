// Sends spans as fast as they are taken, from an address of its own, until it is told to end; then says what it was
// answered, as JSON. In a process of its own, so that it is not the sender beside it that has to wait for it.
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

const [url = '', localAddress = '127.0.0.1', connections = '30'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, localAddress });
const statuses = {};
let isOver = false;
process.on('SIGTERM', () => {
  isOver = true;
});

/** A request of 200 spans, some 200 KiB, of which each has an identity of its own every time. */
const [head, ...rest] = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'flood' } }] },
      scopeSpans: [
        {
          spans: Array.from({ length: 200 }, (_, index) => ({
            traceId: 'TRACE',
            spanId: index.toString(16).padStart(16, 'a'),
            name: 'flood',
            kind: 1,
            startTimeUnixNano: '1767225600000000000',
            endTimeUnixNano: '1767225600000001000',
            attributes: [{ key: 'note', value: { stringValue: 'x'.repeat(800) } }],
          })),
        },
      ],
    },
  ],
}).split('TRACE');

function send() {
  const trace = randomBytes(16).toString('hex');
  const body = [head, ...rest].join(trace);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/traces`, { method: 'POST', headers, agent }, (response) => {
      statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1;
      response.resume().on('close', resolve);
    });
    sent.on('error', resolve).end(body);
  });
}

process.stdout.write('flooding\n');
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (!isOver) await send();
  }),
);
agent.destroy();
process.stdout.write(`${JSON.stringify(statuses)}\n`);
