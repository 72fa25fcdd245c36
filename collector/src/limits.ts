import { getHeapStatistics } from 'node:v8';

/** Bytes of heap that a span in memory needs, with its share of run and tables: measured at some 4.6 KB. */
const SPAN_IN_MEMORY_BYTES = 6_000;
/** What everything else needs: code, buffers, what is being read. */
const OTHER_BYTES = 128 * 1024 * 1024;

/**
 * Every bound of the collector, with its unit in its name. Nothing grows without an entry here; what happens
 * beyond the bound is said beside it, and is visible in counters or on screen.
 */
export const LIMITS = {
  /** Request body after inflating. Beyond: 413. The OTLP specification recommends 64 MiB. */
  bodyBytesMax: 64 * 1024 * 1024,
  /** Inflated bytes for each byte of gzip, beyond the first 4 MiB. Beyond: 413. Spans grow some 25-fold, zeros 1,000-fold. */
  bodyGrowthMax: 200,
  /** Time for a whole request body to arrive, and between two pieces of it. Beyond: 408, connection closed. */
  bodyMsMax: 30_000,
  bodyPauseMsMax: 10_000,
  /** Rest of a refused body that is read and thrown away; beyond, the connection is closed instead. */
  drainBytesMax: 1024 * 1024,
  /** Bytes of bodies accepted and not yet durable. Beyond: 429 with Retry-After. */
  inFlightBytesMax: 256 * 1024 * 1024,
  /** Bytes of one sender's bodies on their way through decoding and commit while others send, too. Beyond: they wait. */
  inLineBytesMax: 1024 * 1024,
  /** Attributes of one span, link, event or resource. Beyond: the span is rejected. SDK default is 128. */
  attributesMax: 4_096,
  /** Nesting of attribute values. Beyond: the span is rejected. SDK default is 64. */
  attributeDepthMax: 64,
  /** Links of one span. Beyond: the span is rejected. */
  linksMax: 16_384,
  /** Events of one span. Beyond: the span is rejected. */
  eventsMax: 65_536,
  /** Characters of a name that is kept; beyond it is cut and marked with an ellipsis. */
  nameCharsMax: 1_024,
  /** Characters of a key value; longer ones are no keys. */
  keyCharsMax: 512,
  /** Keys of one step; the ones beyond are no keys. */
  stepKeysMax: 4_096,
  /** Bodies written in one transaction. Beyond: the next transaction. */
  commitBodiesMax: 64,
  commitBytesMax: 16 * 1024 * 1024,
  /** Distinct values of another type that one key value may meet on single steps before it is held to be coarse. */
  keyPartnersMax: 20,
  /** Pairs of keys of different types that one step ties; the ones beyond are tied by what they share only. */
  stepKeyTiesMax: 8_192,
  /** Sends with one message id and destination that it still tells apart. Beyond: the id ties nothing. */
  messageSendersMax: 100,
  /** A run that has ended has been silent for longer before its key begins another one. */
  epochSilenceMs: 60 * 60_000,
  /** Openings that a learned reaction is judged by, the newest ones; what is older is forgotten. */
  learnSamplesMax: 4_000,
  /** A run is kept at hand so long after its last activity, for what may be learned of it late. */
  learnRunHeldMs: 10 * 60_000,
  /** Runs kept at hand for learned promises. Beyond: those seen first keep the promises that they have. */
  learnRunsHeldMax: 10_000,
  /** Runs without a beginning, at hand for runs without an end. Beyond: those seen first are not found. */
  halfRunsMax: 20_000,
  /** Steps of a run whose attributes may tell when something follows: the first ones. */
  learnFacetStepsMax: 100,
  /** Attributes of a run by which reactions are learned apart. Beyond: the first ones in the alphabet. */
  learnFacetsMax: 16,
  /** Values of such an attribute at one place. Beyond: it tells nothing. */
  learnFacetValuesMax: 20,
  /** Reactors at one place of which it is learned where they react: those that react most. */
  learnConditionsMax: 20,
  /** What people may say over what was learned: a word each on a workflow or a reaction. Beyond: 400. */
  correctionsMax: 1_000,
  /** Learned reactions of one workflow that are named, the surest ones. */
  learnedShownMax: 500,
  /** Services of which it is told apart how many spans they dropped. Beyond: counted together. */
  droppingServicesMax: 200,
  /** Affected runs named by one finding; the count beside them is exact. */
  findingRunsMax: 100,
  /** Items of one page. Beyond: 400. */
  pageItemsMax: 500,
  /** Steps of a run answered at once; beyond, the answer is paged. */
  runStepsPage: 5_000,
  /** A reader waits so long for runs that are not assembled yet; beyond, it sees them a moment later. */
  readSettleMs: 1_000,
  /** Characters of a query text (`q`). Beyond: 400. */
  queryCharsMax: 4_096,
  /** Rates "per minute" are counted over this long before now. */
  rateWindowMs: 5 * 60_000,
  /** Runs named as samples of a group of dead letters; the count beside them is exact. */
  sampleRunsMax: 10,
  /** Runs that the variants of a workflow are counted over; the answer says how many they were. */
  variantRunsMax: 10_000,
  /** Variants of a workflow that are named, the most frequent ones. */
  variantsMax: 50,
  /** Viewers at once. Beyond: refused. */
  viewersMax: 500,
  /** Views that one viewer has open. Beyond: refused. */
  subscriptionsMax: 32,
  /** Changes of a live view are gathered for this long before a delta tells them. */
  liveDeltaPeriodMs: 100,
  /** After a view moved and is quiet, an empty delta within this time lets a viewer see that it missed one. */
  liveBeatPeriodMs: 2_000,
  /** What may wait for a viewer whose connection is busy. Beyond: it misses deltas, sees the gap and subscribes again. */
  liveWaitingCharsMax: 1_048_576,
  /** What a viewer may send at once. Beyond: it is disconnected. */
  liveRequestBytesMax: 64 * 1024,
  /** Time for the head of a request, and for all of it. Beyond: the connection is cut. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  /** Time that an idle connection is kept for the next request. */
  keepAliveTimeoutMs: 30_000,
  /** Connections at once. Beyond: refused by the operating system's queue. */
  connectionsMax: 4_000,
  /** Connections to the gRPC port at once. Beyond: closed. */
  grpcConnectionsMax: 512,
  /** Calls under way on one gRPC connection. Beyond: the sender holds them back, as HTTP/2 asks. */
  grpcStreamsMax: 64,
  /** What one gRPC connection may hold in memory beside its messages. Beyond: calls are refused. */
  grpcSessionBytesMax: 16 * 1024 * 1024,
  /** gRPC messages that arrive at once. Beyond: the next ones wait, unread. */
  grpcArrivingMax: 8,
  /** Time that a gRPC message waits for its turn, and then to arrive. Beyond: refused, to be sent again. */
  grpcArrivalMsMax: 10_000,
  /** Time that a gRPC connection without calls is kept. */
  grpcIdleMsMax: 5 * 60_000,
  /** Time that answers under way get when the collector ends. Beyond: cut. */
  drainMs: 8_000,
  /** Bodies that wait to be passed on, and their bytes. Beyond: dropped and counted, never waited for. */
  forwardBodiesMax: 20_000,
  forwardBytesMax: 64 * 1024 * 1024,
  /** Bodies that are passed on at once. */
  forwardAtOnceMax: 4,
  /** Time that the endpoint has to answer. Beyond: tried again. */
  forwardAnswerMsMax: 10_000,
  /** A body is tried again for this long. Beyond: given up and counted. Bounds Retry-After, too. */
  forwardRetryMsMax: 10 * 60_000,
  /** Time that what still waits gets when the collector ends. Beyond: dropped and counted. */
  forwardDrainMs: 3_000,
  /** Time that a receiver of alerts has to answer. Beyond: tried again later. */
  alertAnswerMsMax: 10_000,
  /** What is read of a receiver's answer; the rest is not waited for. */
  alertReplyBytesMax: 64 * 1024,
  /** A notice is tried again for this long. Beyond: given up, and shown with the alert. */
  alertRetryMsMax: 24 * 3_600_000,
  /** Resolved alerts that are remembered. Beyond: the one resolved longest ago is forgotten. */
  alertHistoryMax: 1_000,
  /** Deliveries shown with one alert, the last ones. */
  alertDeliveriesMax: 10,
  /** Holds at once. Beyond: 400. */
  holdsMax: 200,
  /** Time that a broker has to say what it holds. Beyond: there is no data, and it is asked again. */
  brokerAnswerMsMax: 10_000,
  /** One answer of a broker. Beyond: there is no data. */
  brokerReplyBytesMax: 32 * 1024 * 1024,
  /** Queues read of one virtual host, and consumer groups of one Kafka. Beyond: there is no data. */
  brokerQueuesReadMax: 20_000,
  /** Partitions of Kafka whose ends are asked for. Beyond: there is no data. */
  brokerPartitionsReadMax: 50_000,
  /** Records of Kafka whose age is searched for in one look. Beyond: it is "at least", and found in a later look. */
  brokerAgesSoughtMax: 1_000,
  /** Queues of SQS that are looked at where none are named, each with a request. Beyond: there is no data. */
  sqsQueuesMax: 500,
  /** Queues kept of one broker, those that hold most. Beyond: counted, not looked at. */
  brokerQueuesMax: 5_000,
  /** Notices of one group that go out alone within its interval. Beyond: they are told together. */
  alertsAloneMax: 5,
  /** Alerts told in one notice. Beyond: in the next one. */
  alertBundleMax: 2_000,
  /** A receiver that takes nothing for so long is in the state *error*, and the others are told. */
  alertFailingMs: 5 * 60_000,
  /** Episodes of findings that are remembered for previews. Beyond: the one that ended longest ago is forgotten. */
  findingEpisodesMax: 5_000,
  /** Silences at once. Beyond: 400. */
  silencesMax: 200,
  /**
   * Spans in memory. Beyond: families of runs of which nothing was heard for longest leave for the archive, and come back
   * when something is. Follows Node's heap limit (`--max-old-space-size`).
   */
  spansInMemoryMax: Math.max(
    10_000,
    Math.floor((getHeapStatistics().heap_size_limit - OTHER_BYTES) / SPAN_IN_MEMORY_BYTES),
  ),
} as const;
