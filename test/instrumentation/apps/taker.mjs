// A webhook receiver that says in code what the hook has seen: one message, one span.
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers';
import { currentCorrelation, currentKeys, send, skip, take } from '@throughline/instrumentation';

const server = createServer(async (request, response) => {
  const taken = { system: 'http', destination: 'orders', headers: request.headers, payload: 'abc' };
  await take(taken, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    console.log(
      `took ${JSON.stringify({ keys: currentKeys(), correlation: currentCorrelation() })}`,
    );
    const next = { system: 'memory', destination: 'audit', type: 'order.noted' };
    send(next, (headers) => console.log(`sends ${JSON.stringify(headers)}`));
    skip('not ours');
  });
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(`ready at ${server.address().port}`));
