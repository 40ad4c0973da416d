import { createProducer, LoadUnreadableError, type MeshProducer } from '../../../client/index.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import type { SendFlags } from './flags.ts';

/** Where nobody knows what the agent can handle. */
const CAREFUL_RATE = 10;

/**
 * The producer of `posthorn send`. Where the agent's load cannot be read, it sends slowly and says so: who may send needs no other
 * permission.
 *
 * @throws what `MeshProducer.open` throws otherwise
 */
export async function sendProducer(agent: string, { rate, inFlight, concurrency }: SendFlags, settings: Settings): Promise<MeshProducer> {
  const { prefix, stage, endpoint, region, credentials } = settings;
  const options = { prefix, stage, endpoint, region, credentials, maxInFlight: inFlight, concurrency };
  const governed = createProducer({
    ...options,
    governor: rate === undefined ? 'on' : rate === 'max' ? 'off' : rate,
    onLoadError: ({ message }) => console.error(printableLine(message)),
  });
  try {
    await governed.open(agent);
    return governed;
  } catch (error) {
    await governed.close();
    if (!(error instanceof LoadUnreadableError)) throw error;
    console.error(
      `${printableLine(error.message)}\nsending ${CAREFUL_RATE} messages a second; --rate N sends more, --rate max as fast as SQS takes them`,
    );
    return createProducer({ ...options, governor: CAREFUL_RATE });
  }
}
