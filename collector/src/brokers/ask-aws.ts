import type { BrokerTarget } from '../config/config.js';
import { NoData } from './probe.js';

/** Who is asked, and as whom; null: whom the environment of the AWS SDK names. */
export type AwsPlace = Pick<BrokerTarget, 'region' | 'user' | 'password'>;

const UNKNOWN_KEY =
  /^(?:InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId|ExpiredToken|InvalidSecurity|IncompleteSignature)/;
const NOT_THERE_OR_REFUSED = /QueueDoesNotExist|NonExistentQueue|AccessDenied|NotAuthorized/;

/** Options of any client of AWS: each question is asked once, for the poller comes back. */
export function awsOptions({ region, user, password }: AwsPlace, endpoint: string | null) {
  return {
    region,
    maxAttempts: 1,
    ...(endpoint === null ? {} : { endpoint }),
    ...(user === null
      ? {}
      : { credentials: { accessKeyId: user, secretAccessKey: password ?? '' } }),
  };
}

/**
 * @returns null when what is asked for is not there, or may not be seen. @throws NoData, without the words of the
 * service, which may name accounts and users.
 */
export async function askAws<Answer>(
  { region, user }: AwsPlace,
  ask: () => Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await ask();
  } catch (error) {
    const { name, code }: NodeJS.ErrnoException = error instanceof Error ? error : new Error();
    if (NOT_THERE_OR_REFUSED.test(name)) return null;
    if (name === 'CredentialsProviderError') {
      throw new NoData(
        `${region} is not asked without a key: set user (the access key id) and password (the secret access key), or what the AWS SDK reads`,
      );
    }
    if (UNKNOWN_KEY.test(name)) {
      const key = user === null ? 'the access key of the environment' : `the access key ${user}`;
      throw new NoData(`${region} does not know ${key}, or not with this secret`);
    }
    if (code !== undefined) throw new NoData(`${region} cannot be reached: ${code}`);
    throw new NoData(`${region} answered ${name}`);
  }
}
