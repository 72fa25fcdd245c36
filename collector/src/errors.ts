/** Every fault that a user can meet, in one table: what it is called, its HTTP status, what to do about it. */
const CATALOGUE = {
  BODY_TOO_LARGE: {
    status: 413,
    remedy: 'Send smaller batches; the limit is on the inflated body.',
  },
  BODY_UNREADABLE: {
    status: 400,
    remedy: 'Check the exporter: the body is not what its Content-Type says.',
  },
  BODY_TOO_SLOW: {
    status: 408,
    remedy: 'Check the network between sender and collector; send smaller batches.',
  },
  UNSUPPORTED_TYPE: {
    status: 415,
    remedy: 'Send what the detail names, and name it in Content-Type.',
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    remedy: 'Send the body plain or with Content-Encoding: gzip.',
  },
  OVERLOADED: { status: 429, remedy: 'Send again after the time in Retry-After.' },
  STORE_UNAVAILABLE: {
    status: 503,
    remedy: 'Send again after the time in Retry-After; see /readyz for the cause.',
  },
  SHUTTING_DOWN: { status: 503, remedy: 'Send again after the time in Retry-After.' },
  FORBIDDEN_HOST: {
    status: 403,
    remedy:
      'Open the address that was printed at the start, or allow this host with server.allowed_hosts.',
  },
  FORBIDDEN_ORIGIN: {
    status: 403,
    remedy: 'Only pages of this server may use it; allow others with server.allowed_origins.',
  },
  BAD_REQUEST: { status: 400, remedy: 'Correct the client, or the proxy before this server.' },
  NOT_FOUND: { status: 404, remedy: 'See /api/docs for the routes.' },
  METHOD_NOT_ALLOWED: { status: 405, remedy: 'See /api/docs for the routes.' },
  BAD_PARAMETER: { status: 400, remedy: 'See /api/docs for the allowed values.' },
  BAD_QUERY: { status: 400, remedy: 'See the query syntax in /api/docs.' },
  NOT_IN_THIS_VERSION: { status: 501, remedy: 'See /api/docs for what this version can do.' },
  OPEN_LISTEN: {
    status: 500,
    remedy: 'Listen on 127.0.0.1, and let a proxy that authenticates stand before it.',
  },
  BAD_CONFIG: { status: 400, remedy: 'Correct the file; `throughline config validate` checks it.' },
  ADDRESS_REFUSED: {
    status: 422,
    remedy:
      'Alerts go to public addresses over https; name the host in alerts.allow_private to allow another.',
  },
  NOT_DELIVERED: {
    status: 502,
    remedy: 'Look at what the receiver answered, and correct its entry in alerts.receivers.',
  },
  STORE_IN_USE: {
    status: 500,
    remedy: 'Stop the other collector, or give this one another --data folder.',
  },
  STORE_NEWER: {
    status: 500,
    remedy: 'This data was written by a newer version; install that version.',
  },
  NO_STORE: {
    status: 500,
    remedy:
      'Name a data folder with --data, or the file of a backup; `throughline db check` looks at either.',
  },
  NOT_WRITTEN: {
    status: 500,
    remedy: 'Make the folder, or room in it, or name another place.',
  },
  WOULD_OVERWRITE: {
    status: 409,
    remedy: 'Choose another place, or say --force to replace what is there.',
  },
  PORT_IN_USE: {
    status: 500,
    remedy: 'Stop the other program, or choose another port with the flag that is named.',
  },
  INTERNAL: { status: 500, remedy: 'Please report this with the message of the log.' },
} as const;

export type FaultCode = keyof typeof CATALOGUE;

/** A fault with its place in the catalogue. The message is one sentence for the person who can mend it. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly remedy: string;
  /** Seconds until trying again makes sense; only for overload and unavailability. */
  readonly retryAfterS: number | null;

  constructor(
    code: FaultCode,
    message: string,
    options: { cause?: unknown; retryAfterS?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.status = CATALOGUE[code].status;
    this.remedy = CATALOGUE[code].remedy;
    this.retryAfterS =
      options.retryAfterS ?? (this.status === 429 || this.status === 503 ? 1 : null);
  }
}
