import { io, type Socket } from 'socket.io-client';

/** What a page that is open shows: it subscribes as the UI does, and forgets what it is told. */
const VIEWS = ['overview', 'map', 'runs'] as const;

const [, , url = '', count = '1'] = process.argv;
const sockets: Socket[] = [];
let deltas = 0;

async function connect(): Promise<void> {
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true });
  sockets.push(socket);
  socket.on('delta', () => (deltas += 1));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => {
      for (const view of VIEWS) socket.emit('subscribe', { subscription: view, view, params: {} });
      resolve();
    });
    socket.once('connect_error', reject);
  });
}

process.on('disconnect', () => process.exit(0));
process.on('message', () => process.send?.({ deltas }));
for (let at = 0; at < Number(count); at += 1) await connect();
process.send?.({ deltas });
