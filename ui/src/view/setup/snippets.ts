export const LANGUAGES = [
  { value: 'node', label: 'Node.js' },
  { value: 'python', label: 'Python' },
  { value: 'java', label: 'Java' },
  { value: 'other', label: 'Anything else' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];

interface Snippet {
  readonly text: string;
  readonly command: string;
}

/** What to type per language. `endpoint` is where this page came from: the collector itself. */
export function snippets(
  endpoint: string,
): Record<Language, { readonly steps: readonly Snippet[] }> {
  const key: Snippet = {
    text: 'Name the business key, so that spans of one order become one run, across services and traces:',
    command:
      'throughline.key.order = "8123"      # a span attribute, or configure correlation.keys',
  };
  return {
    node: {
      steps: [...nodeSteps(endpoint), key],
    },
    python: {
      steps: [
        {
          text: 'Install the stock instrumentation:',
          command:
            'pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http\nopentelemetry-bootstrap -a install',
        },
        {
          text: 'Start the service with it:',
          command: `OTEL_SERVICE_NAME=orders \\\nOTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \\\nopentelemetry-instrument python app.py`,
        },
        key,
      ],
    },
    java: {
      steps: [
        {
          text: 'Start the service with the OpenTelemetry agent:',
          command: `OTEL_SERVICE_NAME=orders \\\nOTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \\\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
        },
        key,
      ],
    },
    other: {
      steps: [
        {
          text: 'Any OpenTelemetry SDK or collector that speaks OTLP over HTTP:',
          command: `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
        },
        {
          text: 'Or post CloudEvents, one step per event:',
          command: `curl ${endpoint}/v1/events \\\n  -H 'content-type: application/cloudevents+json' \\\n  -d '{"specversion":"1.0","id":"1","source":"orders","type":"order.placed","data":{"order":"8123"}}'`,
        },
        key,
      ],
    },
  };
}

function nodeSteps(endpoint: string): readonly Snippet[] {
  return [
    {
      text: 'In the repository of Throughline, once: the package is not on the registry yet, so pack it:',
      command: 'npm run build && npm pack --workspace instrumentation --pack-destination ..',
    },
    {
      text: 'In the service, install the hooks:',
      command: 'npm install path/to/throughline-instrumentation-0.1.0.tgz @opentelemetry/api',
    },
    {
      text: 'Start the service with them. Nothing in its code changes:',
      command: `OTEL_SERVICE_NAME=orders \\\nOTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\\nnode --import @throughline/instrumentation/register server.js`,
    },
  ];
}
