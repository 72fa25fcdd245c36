import ts from 'typescript';
import { textOf, treeOf } from './source-tree.js';

export const LINES_PER_FILE_MAX = 350;
export const LINES_PER_FUNCTION_MAX = 60;
export const POSITIONAL_PARAMETERS_MAX = 3;

/** A function or method that breaks a budget: where it is and by how much. */
export function oversizedFunctions(path: string): readonly string[] {
  const tree = treeOf(path);
  const lines = textOf(path).split('\n');
  const found: string[] = [];
  const visit = (node: ts.Node, parent: ts.Node | undefined): void => {
    if (isFunction(node) && !isSuite(node, parent)) {
      const first = lineOf(tree, node.getStart(tree));
      const length = codeLines(lines.slice(first, lineOf(tree, node.end) + 1));
      const place = `${path}:${String(first + 1)}`;
      if (length > LINES_PER_FUNCTION_MAX) found.push(`${place} has ${String(length)} lines`);
      const parameters = parametersOf(node);
      if (parameters > POSITIONAL_PARAMETERS_MAX)
        found.push(`${place} has ${String(parameters)} parameters`);
    }
    ts.forEachChild(node, (child) => visit(child, node));
  };
  visit(tree, undefined);
  return found;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** A chapter of tests, as long as its subject: the body of a `describe`, or a function that makes tests. */
function isSuite(node: ts.FunctionLikeDeclaration, parent: ts.Node | undefined): boolean {
  if (parent && ts.isCallExpression(parent)) return /^describe$/.test(nameOf(parent.expression));
  if (!node.body || !ts.isBlock(node.body)) return false;
  return node.body.statements.some(
    (statement) =>
      ts.isExpressionStatement(statement) &&
      ts.isCallExpression(statement.expression) &&
      /^(describe|it|test)$/.test(nameOf(statement.expression.expression)),
  );
}

/**
 * Positional parameters that are our own choice. The shape of a function expression whose fourth parameter has no
 * type is dictated by whoever calls it: an error handler of express, a patched method of a library.
 */
function parametersOf(node: ts.FunctionLikeDeclaration): number {
  const parameters = node.parameters.filter(
    ({ name }) => !(ts.isIdentifier(name) && name.text === 'this'),
  );
  const isDictated =
    (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) &&
    parameters[POSITIONAL_PARAMETERS_MAX]?.type === undefined;
  return isDictated ? 0 : parameters.length;
}

function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node))
    return nameOf(node.expression);
  return '';
}

function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line;
}

function codeLines(lines: readonly string[]): number {
  return lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;
}
