import type { Assembly } from './assembly.ts';
import { resolveIntrinsics } from './intrinsics.ts';
import type { StackScopes } from './stack-scope.ts';

const IMPORT = 'Fn::ImportValue';

/**
 * Looks up every value that a stack imports, even if its resource has no effect here, because CloudFormation refuses a deployment
 * with a missing export.
 *
 * @throws UnsupportedTemplateError naming the export that is missing
 */
export function checkImports({ stacks }: Assembly, scopes: StackScopes): void {
  for (const stack of stacks) {
    for (const argument of importsIn(stack.template.Resources)) resolveIntrinsics({ [IMPORT]: argument }, scopes.of(stack));
  }
}

function* importsIn(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === IMPORT) yield inner;
    else yield* importsIn(inner);
  }
}
