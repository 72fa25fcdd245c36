import { Argument, type Command } from 'commander';
import type { CliIo } from '../io.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(program: Command, io: CliIo): void {
  program
    .command('completion')
    .description('print a completion script: source <(throughline completion bash)')
    .addArgument(new Argument('<shell>').choices([...SHELLS]))
    .action((shell: Shell) => {
      io.out(`${scriptOf(shell, program)}\n`);
    });
}

function scriptOf(shell: Shell, program: Command): string {
  const commands = program.commands.map((command) => command.name());
  switch (shell) {
    case 'bash':
      return bashScript(program, commands);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program, commands)}`;
    case 'fish':
      return fishScript(program);
  }
}

function bashScript(program: Command, commands: readonly string[]): string {
  const cases = program.commands.map(
    (command) => `    ${command.name()}) words="${wordsOf(command)}" ;;`,
  );
  return `_throughline() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${commands.join(' ')}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${commands.join(' ')}"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _throughline throughline`;
}

function fishScript(program: Command): string {
  return program.commands
    .flatMap((command) => [
      `complete -c throughline -n __fish_use_subcommand -a ${command.name()} -d '${command.description().replaceAll("'", "\\'")}'`,
      ...command.options.flatMap(({ long, description }) =>
        long === undefined
          ? []
          : [
              `complete -c throughline -n '__fish_seen_subcommand_from ${command.name()}' -l ${long.slice(2)} -d '${description.replaceAll("'", "\\'")}'`,
            ],
      ),
    ])
    .join('\n');
}

function wordsOf(command: Command): string {
  return [
    ...command.commands.map((one) => one.name()),
    ...command.options.flatMap(({ long }) => long ?? []),
    '--json',
    '--server',
  ].join(' ');
}
