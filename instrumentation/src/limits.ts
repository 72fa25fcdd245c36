/** Every bound of the instrumentation, unit in its name; what happens beyond it is said beside it. */
export const LIMITS = {
  /** Keys of one run that travel in baggage. Beyond: not carried, logged once. */
  keysMax: 8,
  /** Characters of a key's type and value. Beyond: no key, logged once. The collector's bound is the same. */
  keyTypeCharsMax: 64,
  keyValueCharsMax: 512,
  /** Characters of `traceparent`, `tracestate`, `baggage` read from a message. Beyond: the header is ignored. */
  traceparentCharsMax: 128,
  tracestateCharsMax: 512,
  baggageCharsMax: 8_192,
  /** Characters of an id or type read from a message, or of a name given to the API. Beyond: cut. */
  nameCharsMax: 512,
  /** Names in one list given to the API. Beyond: left out. */
  namesMax: 64,
  /** Characters of one attribute value, unless OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT says otherwise. Beyond: cut. */
  attributeValueCharsMax: 4_096,
  /** Finished spans waiting to be sent, unless OTEL_BSP_MAX_QUEUE_SIZE. Beyond: dropped and counted. */
  queueSpansMax: 2_048,
  /** Their estimated bytes. Beyond: dropped and counted. */
  queueBytesMax: 32 * 1024 * 1024,
  /** Spans of one request, unless OTEL_BSP_MAX_EXPORT_BATCH_SIZE. */
  batchSpansMax: 512,
  /** Bytes read of a collector's answer. Beyond: the connection is closed. */
  answerBytesMax: 64 * 1024,
  /** Open spans watched for being pending. Beyond: not watched. */
  openSpansMax: 10_000,
  /** Deliveries remembered for counting redelivery. Beyond: the oldest is forgotten. */
  deliveriesMax: 10_000,
  /** Entries of `x-death` that are shown, newest first. */
  deathsMax: 8,
  /** Longest pause between two attempts to reach the collector. */
  retryPauseMsMax: 30_000,
  /** How long a `mandatory` message's span waits for the broker to return the message. */
  returnWaitMs: 1_000,
} as const;
