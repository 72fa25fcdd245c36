import { flow } from '@throughline/fixtures/build/policy';
import type { Reader, Sent, Shape } from './shape.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Does = Partial<Omit<Reader, 'service'>>;

const reads = (service: string, after: number, does: Does = {}): Reader => ({
  service,
  after,
  takes: 60,
  ...does,
});
const sent = (type: string, to: string, readers: readonly Reader[]): Sent => ({
  type,
  to,
  readers,
});

/** A shop: everything is learned, nothing declared. One topic exchange that routes by type. */
const checkout: Shape = {
  form: 'reacting',
  name: 'checkout',
  dialect: 'own',
  sigma: 0.6,
  flow: null,
  door: { service: 'shop', name: 'POST /orders' },
  sends: [
    sent('order.placed', 'orders', [
      reads('mailer', 400),
      reads('analytics', 300),
      reads('gifts', 300, { share: 0.4 }),
      reads('payments', 200, {
        takes: 90,
        asks: ['bank', 'charge'],
        sends: [
          { ...sent('payment.refused', 'orders', [reads('shop', 150)]), insteadShare: 0.03 },
          sent('payment.captured', 'orders', [
            reads('invoicing', 300, { takes: 120 }),
            reads('inventory', 500, {
              work: 'reserve stock',
              takes: 120,
              sends: [
                sent('stock.reserved', 'orders', [
                  reads('shipping', 700, {
                    work: 'book carrier',
                    sends: [sent('order.shipped', 'orders', [reads('mailer', 400)])],
                  }),
                ]),
              ],
            }),
          ]),
        ],
      }),
    ]),
  ],
  points: {
    'missing-consumer': ['payment.captured>inventory'],
    'queue-lag': ['stock.reserved>shipping'],
    'duplicate-effect': ['payment.captured>inventory', 'order.placed>payments'],
    'dead-lettered': ['payment.captured>invoicing', 'payment.captured>inventory'],
    'hung-handler': ['payment.captured>inventory', 'stock.reserved>shipping'],
    'crashed-handler': ['order.placed>payments'],
    'slow-hop': ['payment.captured>inventory'],
    'retry-storm': ['order.placed>payments'],
    'telemetry-loss': ['payment.captured>inventory', 'order.placed>payments'],
    orphan: ['order.placed>payments'],
    'human-wait': ['payment.captured>inventory'],
    cycle: ['stock.reserved>shipping'],
  },
};

/** A warehouse with long tails, and a flow that says what follows what. */
const fulfilment: Shape = {
  form: 'reacting',
  name: 'fulfilment',
  dialect: 'kafka',
  sigma: 1.1,
  door: { service: 'wms', name: 'POST /requests' },
  flow: flow({
    workflow: 'fulfilment',
    startsWith: 'fulfilment-requests',
    ends: [{ event: 'fulfilment-delivered', outcome: 'completed' }],
    expects: [
      { after: 'fulfilment-requests', event: 'fulfilment-picked', by: 'picker', withinMs: 90_000 },
      { after: 'fulfilment-picked', event: 'fulfilment-packed', by: 'packer', withinMs: 90_000 },
      { after: 'fulfilment-packed', event: null, by: 'billing', withinMs: 60_000 },
      { after: 'fulfilment-packed', event: null, by: 'tracker', withinMs: 60_000 },
      {
        after: 'fulfilment-packed',
        event: 'fulfilment-delivered',
        by: 'carrier',
        withinMs: 90_000,
      },
    ],
  }),
  sends: [
    sent('fulfilment-requests', 'fulfilment-requests', [
      reads('picker', 1_500, {
        work: 'pick',
        takes: 700,
        sends: [
          sent('fulfilment-picked', 'fulfilment-picked', [
            reads('packer', 1_500, {
              work: 'pack',
              takes: 400,
              sends: [
                sent('fulfilment-packed', 'fulfilment-packed', [
                  reads('billing', 600),
                  reads('tracker', 300),
                  reads('carrier', 2_500, {
                    takes: 300,
                    asks: ['labels', 'print'],
                    sends: [sent('fulfilment-delivered', 'fulfilment-delivered', [])],
                  }),
                ]),
              ],
            }),
          ]),
        ],
      }),
    ]),
  ],
  points: {
    'missing-consumer': ['fulfilment-packed>carrier'],
    'lost-branch': ['fulfilment-packed>billing', 'fulfilment-packed>tracker'],
    'queue-lag': ['fulfilment-picked>packer'],
    'dead-lettered': ['fulfilment-packed>carrier', 'fulfilment-packed>billing'],
    'hung-handler': ['fulfilment-requests>picker', 'fulfilment-packed>carrier'],
    'crashed-handler': ['fulfilment-picked>packer', 'fulfilment-packed>carrier'],
    'slow-hop': ['fulfilment-requests>picker', 'fulfilment-picked>packer'],
    'retry-storm': ['fulfilment-packed>carrier'],
    'key-mismatch': ['fulfilment-picked>packer'],
    'telemetry-loss': ['fulfilment-picked>packer', 'fulfilment-requests>picker'],
    'duplicate-effect': ['fulfilment-requests>picker'],
  },
};

/** A desk starts and watches, services react to each other, and now and then somebody has to decide. */
const claims: Shape = {
  form: 'reacting',
  name: 'claims',
  dialect: 'nats',
  sigma: 0.8,
  door: { service: 'claims-desk', name: 'POST /claims' },
  flow: flow({
    workflow: 'claims',
    startsWith: 'claim.filed',
    ends: [{ event: 'claim.settled', outcome: 'completed' }],
    expects: [
      { after: 'claim.filed', event: 'claim.assessed', by: 'assessor', withinMs: 30_000 },
      { after: 'claim.filed', event: null, by: 'archive', withinMs: 30_000 },
      { after: 'claim.filed', event: null, by: 'fraud', withinMs: 30_000 },
      { after: 'claim.assessed', event: null, by: 'treasury', withinMs: 60_000 },
      // Large sums need a second pair of eyes.
      { after: 'claim.assessed', event: 'claim.paid', by: 'treasury', withinMs: 2 * HOUR },
      { after: 'claim.paid', event: 'claim.settled', by: 'claims-desk', withinMs: 60_000 },
    ],
  }),
  sends: [
    sent('claim.filed', 'claims', [
      reads('archive', 200),
      reads('fraud', 400),
      reads('assessor', 600, {
        takes: 200,
        asks: ['policies', 'look-up'],
        sends: [
          sent('claim.assessed', 'claims', [
            reads('treasury', 800, {
              takes: 300,
              asks: ['bank', 'transfer'],
              sends: [
                sent('claim.paid', 'claims', [
                  reads('claims-desk', 200, { sends: [sent('claim.settled', 'claims', [])] }),
                ]),
              ],
            }),
          ]),
        ],
      }),
    ]),
  ],
  points: {
    'missing-consumer': ['claim.assessed>treasury'],
    'lost-branch': ['claim.filed>archive', 'claim.filed>fraud'],
    'duplicate-effect': ['claim.assessed>treasury'],
    'dead-lettered': ['claim.assessed>treasury'],
    'hung-handler': ['claim.filed>assessor'],
    'crashed-handler': ['claim.assessed>treasury'],
    'slow-hop': ['claim.filed>assessor'],
    'retry-storm': ['claim.filed>assessor', 'claim.assessed>treasury'],
    'human-wait': ['claim.assessed>treasury'],
    'key-mismatch': ['claim.assessed>treasury'],
    'telemetry-loss': ['claim.filed>assessor', 'claim.assessed>treasury'],
    cycle: ['claim.assessed>treasury'],
    orphan: ['claim.filed>assessor'],
  },
};

/** Jobs in queues, learned. */
const media: Shape = {
  form: 'reacting',
  name: 'media',
  dialect: 'bullmq',
  sigma: 0.9,
  flow: null,
  door: { service: 'uploads', name: 'PUT /assets' },
  sends: [
    sent('transcode', 'transcode', [
      reads('transcoder', 900, {
        takes: 1_500,
        sends: [
          sent('thumbnails', 'thumbnails', [reads('thumbnailer', 500)]),
          sent('publish', 'publish', [
            reads('publisher', 300, {
              asks: ['cdn', 'purge'],
              sends: [sent('index', 'index', [reads('search', 600)])],
            }),
          ]),
        ],
      }),
    ]),
  ],
  points: {
    'missing-consumer': ['publish>publisher'],
    'queue-lag': ['transcode>transcoder'],
    'dead-lettered': ['publish>publisher'],
    'hung-handler': ['transcode>transcoder'],
    'crashed-handler': ['publish>publisher', 'transcode>transcoder'],
    'duplicate-effect': ['transcode>transcoder'],
    'retry-storm': ['publish>publisher'],
    'telemetry-loss': ['transcode>transcoder'],
    orphan: ['transcode>transcoder'],
  },
};

/** The oldest system of the house: wide fan-out, no declared flow, the stock instrumentation of years ago. */
const signup: Shape = {
  form: 'reacting',
  name: 'signup',
  dialect: 'amqplib',
  sigma: 0.7,
  door: { service: 'accounts', name: 'POST /signup' },
  flow: flow({
    workflow: 'signup',
    startsWith: 'user.registered',
    expects: [
      { after: 'user.registered', event: null, by: 'crm', withinMs: 30_000 },
      { after: 'user.registered', event: null, by: 'audit', withinMs: 30_000 },
      { after: 'user.registered', event: 'user.welcomed', by: 'welcome', withinMs: 30_000 },
    ],
  }),
  sends: [
    sent('user.registered', 'users', [
      reads('crm', 500),
      reads('audit', 200),
      reads('newsletter', 900, { share: 0.5 }),
      reads('welcome', 400, {
        takes: 150,
        asks: ['smtp', 'send'],
        sends: [sent('user.welcomed', 'users', [reads('crm', 500)])],
      }),
    ]),
  ],
  points: {
    'missing-consumer': ['user.registered>welcome'],
    'lost-branch': ['user.registered>crm', 'user.registered>audit'],
    'dead-lettered': ['user.registered>crm'],
    'retry-storm': ['user.registered>welcome'],
    'hung-handler': ['user.registered>welcome'],
    cycle: ['user.welcomed>crm'],
  },
};

/** One service directs: requests, commands with replies, an underwriter, and everything can be taken back. */
const loan: Shape = {
  form: 'directed',
  name: 'loan',
  dialect: 'bus',
  sigma: 0.7,
  director: 'loan-officer',
  taskDeadlineMs: MINUTE,
  flow: flow({
    workflow: 'loan',
    startsWith: 'loan',
    deadlineMs: HOUR,
    compensations: { 'reserve funds': 'release funds', 'open account': 'close account' },
  }),
  tasks: [
    { name: 'check identity', service: 'identity', takes: 300, via: 'http' },
    { name: 'score', service: 'scoring', takes: 900, via: 'queue' },
    { name: 'reserve funds', service: 'treasury', takes: 250, via: 'http', undo: 'release funds' },
    { name: 'underwrite', service: 'loan-officer', takes: 400, via: 'http', isApproval: true },
    { name: 'open account', service: 'core', takes: 500, via: 'http', undo: 'close account' },
    { name: 'pay out', service: 'treasury', takes: 600, via: 'queue' },
  ],
  points: {
    'hung-handler': ['loan>check identity', 'loan>score', 'loan>open account'],
    'crashed-handler': ['loan>check identity', 'loan>score'],
    'slow-hop': ['loan>open account', 'loan>score'],
    'retry-storm': ['loan>check identity', 'loan>open account'],
    'stuck-saga': ['loan>pay out', 'loan>open account'],
    'out-of-order': ['loan>open account', 'loan>reserve funds'],
    'human-wait': ['loan>underwrite'],
    'telemetry-loss': ['loan>score', 'loan>check identity'],
  },
};

/** Another director, short and without any declared time: what is wrong has to be seen in the steps. */
const trip: Shape = {
  form: 'directed',
  name: 'trip',
  dialect: 'own',
  sigma: 0.7,
  director: 'agency',
  flow: null,
  tasks: [
    { name: 'book room', service: 'hotel', takes: 300, via: 'http', undo: 'cancel room' },
    { name: 'charge card', service: 'bank', takes: 300, via: 'http', undo: 'refund card' },
    { name: 'rent car', service: 'cars', takes: 300, via: 'http', undo: 'return car' },
  ],
  points: {
    'stuck-saga': ['trip>rent car', 'trip>charge card'],
    'out-of-order': ['trip>rent car', 'trip>charge card'],
    'retry-storm': ['trip>rent car'],
    'telemetry-loss': ['trip>charge card'],
  },
};

export const SHAPES: readonly Shape[] = [checkout, fulfilment, claims, media, signup, loan, trip];
