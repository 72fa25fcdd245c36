import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { harmless } from '../harmless.js';
import { NAME, VERSION } from '../version.js';
import { patchAmqplib } from './amqplib.js';
import type { AmqplibModule } from './amqplib.js';
import { patchClientChannel, patchClientConsumer } from './rabbitmq-client.js';
import type { ChannelModule, ConsumerModule } from './rabbitmq-client.js';

const AMQPLIB = ['>=0.8.0 <3'];
const CLIENT = ['>=5.0.0 <6'];

/** Wraps amqplib and rabbitmq-client when the app loads them, from ES modules and from CommonJS. */
export function hookRabbitmq(): void {
  new RabbitmqInstrumentation().enable();
}

/** Only the loading of modules is used of the base class: it finds the files and checks the versions. */
class RabbitmqInstrumentation extends InstrumentationBase {
  constructor() {
    super(NAME, VERSION, { enabled: false });
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      definition('amqplib', AMQPLIB, {
        'lib/channel_model.js': (module) => patchAmqplib(module as AmqplibModule),
        'lib/callback_model.js': (module) => patchAmqplib(module as AmqplibModule),
      }),
      definition('rabbitmq-client', CLIENT, {
        'lib/Channel.js': (module) => patchClientChannel(module as ChannelModule),
        'lib/Consumer.js': (module) => patchClientConsumer(module as ConsumerModule),
      }),
    ];
  }
}

function definition(
  library: string,
  versions: string[],
  patches: Readonly<Record<string, (module: unknown) => void>>,
): InstrumentationNodeModuleDefinition {
  const files = Object.entries(patches).map(
    ([file, patch]) =>
      new InstrumentationNodeModuleFile(
        `${library}/${file}`,
        versions,
        (module: unknown) => {
          harmless(`hook ${library}`, () => patch(module));
          return module;
        },
        // The app goes on with what it loaded: nothing is ever unwrapped.
        () => undefined,
      ),
  );
  return new InstrumentationNodeModuleDefinition(library, versions, undefined, undefined, files);
}
