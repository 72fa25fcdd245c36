// @ts-check
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Where each vendor library lives. A room that wants one of them asks its home instead; the message says which.
 * `types` lets any room of the same package import the library's types, never its code.
 */
const VENDOR_HOMES = [
  {
    name: 'express',
    homes: ['collector/src/query/**', 'collector/src/front.ts'],
    message: 'express lives in collector/src/query and front.ts: add a route there.',
  },
  {
    name: 'better-sqlite3',
    homes: ['collector/src/store/sqlite/**'],
    message: 'better-sqlite3 lives in collector/src/store/sqlite: use the FactStore port.',
  },
  {
    name: 'saxes',
    homes: ['collector/src/config/**'],
    message: 'saxes lives in collector/src/config: declared documents are read there.',
  },
  {
    name: 'nodemailer',
    homes: ['collector/src/alert/**'],
    message: 'nodemailer lives in collector/src/alert: send through a receiver.',
  },
  {
    name: 'socket.io',
    homes: ['collector/src/publish/**'],
    message: 'socket.io lives in collector/src/publish: use the Publisher port.',
  },
  {
    name: 'socket.io-client',
    homes: ['ui/src/live/**', 'collector/src/cli/**'],
    message: 'socket.io-client lives in ui/src/live: subscribe through it.',
  },
  {
    name: 'd3',
    homes: ['ui/src/**'],
    message: 'd3 lives in ui/src: nothing behind the API draws.',
  },
  {
    name: 'protobufjs',
    homes: ['collector/src/decode/**', 'fixtures/src/**'],
    message: 'protobufjs lives in collector/src/decode: after it there is no wire format.',
  },
  {
    name: 'prom-client',
    homes: ['collector/src/metrics.ts', 'collector/src/metrics/**'],
    message: 'prom-client lives in collector/src/metrics.ts: count through it.',
  },
  {
    name: 'amqplib',
    homes: ['fixtures/src/**'],
    types: true,
    message:
      'amqplib is a library of the host: the instrumentation sees its types only, tests and the demo run it.',
  },
  {
    name: 'rabbitmq-client',
    homes: ['fixtures/src/**'],
    types: true,
    message:
      'rabbitmq-client is a library of the host: the instrumentation sees its types only, tests and the demo run it.',
  },
];

/** @param {readonly (typeof VENDOR_HOMES)[number][]} bans */
function restrictImports(bans) {
  return /** @type {const} */ ([
    'error',
    {
      paths: bans.map(({ name, message, types }) => ({
        name,
        message,
        allowTypeImports: types === true,
      })),
      patterns: bans.map(({ name, message, types }) => ({
        group: [`${name}/*`],
        message,
        allowTypeImports: types === true,
      })),
    },
  ]);
}

/**
 * One block for each home: what lives there, or in a folder around it, may be imported. A later block overrides an
 * earlier one, so the inner homes come last.
 */
const homeBlocks = [...new Set(VENDOR_HOMES.flatMap(({ homes }) => homes))]
  .sort((a, b) => a.length - b.length)
  .map((home) => ({
    files: [home],
    rules: {
      '@typescript-eslint/no-restricted-imports': restrictImports(
        VENDOR_HOMES.filter(
          ({ homes }) => !homes.some((other) => home.startsWith(other.replace('**', ''))),
        ),
      ),
    },
  }));

const BANNED_SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a default export has no name to search for.',
  },
  {
    selector: "ExportSpecifier[exported.name='default']",
    message: 'Export by name: a default export has no name to search for.',
  },
  { selector: 'TSEnumDeclaration', message: 'Write a union of strings.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import the file that owns the thing.' },
];

/**
 * Three positional parameters, then an options object. A function expression whose fourth parameter has no type of
 * its own is not counted: somebody else dictates its shape (an error handler of express, a patched method).
 */
const TOO_MANY_PARAMETERS = [
  'FunctionDeclaration[params.length>3]',
  'MethodDefinition > FunctionExpression[params.length>3]',
  'ArrowFunctionExpression[params.length>3][params.3.typeAnnotation]',
  'TSFunctionType[params.length>3]',
  'TSMethodSignature[params.length>3]',
].map((selector) => ({
  selector,
  message: 'At most three positional parameters: take an options object.',
}));

const BANNED_TIME = {
  syntax: {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time is a value: take a Clock or an instant as an argument.',
  },
  properties: [
    { object: 'Date', property: 'now', message: 'Time is a value: take a Clock.' },
    { object: 'Math', property: 'random', message: 'Chance is an argument: take a seeded source.' },
  ],
  globals: ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
    name,
    message: 'Timers belong to the clock: use Clock.after or Clock.every.',
  })),
};

const TESTS = [
  '**/*.test.{ts,tsx}',
  '**/*.case.ts',
  '**/*.bench.ts',
  'test/**',
  'bench/**',
  'vitest*.ts',
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.cache/**',
      'coverage/**',
      'data/**',
      '.screenshots/**',
      'fixtures/recorded/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 350 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...BANNED_SYNTAX, ...TOO_MANY_PARAMETERS],
      'no-unused-vars': 'off',
      '@typescript-eslint/no-restricted-imports': restrictImports(VENDOR_HOMES),
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    // What a package ships is checked with its types; tests are checked by tsc and the rules above.
    files: ['{model,instrumentation,collector,ui,fixtures}/src/**/*.{ts,tsx}'],
    ignores: TESTS,
    extends: [...tseslint.configs.strictTypeCheckedOnly],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  ...homeBlocks,
  {
    files: ['collector/src/**/*.ts'],
    ignores: [
      'collector/src/clock.ts',
      'collector/src/main.ts',
      'collector/src/server.ts',
      ...TESTS,
    ],
    rules: {
      'no-restricted-globals': ['error', ...BANNED_TIME.globals],
      'no-restricted-properties': ['error', ...BANNED_TIME.properties],
      'no-restricted-syntax': [
        'error',
        ...BANNED_SYNTAX,
        ...TOO_MANY_PARAMETERS,
        BANNED_TIME.syntax,
      ],
    },
  },
  {
    // Pure: the same input gives the same output, however long it takes.
    files: ['collector/src/{decode,normalize,stitch,detect}/**/*.ts', 'model/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...BANNED_TIME.globals,
        ...['performance', 'process', 'console', 'fetch'].map((name) => ({
          name,
          message: 'This folder is pure: take what you need as an argument.',
        })),
      ],
    },
  },
  {
    // Tests run what they test for real, and a describe block is as long as its subject.
    files: TESTS,
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Tools ask for a default export.
    files: ['*.config.{js,ts}', '*/*.config.{js,ts}'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['ui/public/**/*.js'],
    languageOptions: {
      globals: { document: 'readonly', localStorage: 'readonly', window: 'readonly' },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'writable', exports: 'writable' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
