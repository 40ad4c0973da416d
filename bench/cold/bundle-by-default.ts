import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/**
 * Bundles a function with the defaults of CDK's NodejsFunction: CommonJS, not minified, without the AWS SDK, which Lambda's image
 * contains.
 *
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html
 */
export function bundleByDefault(entry: string, outputFolder: string): void {
  buildSync({
    entryPoints: [entry],
    outfile: join(outputFolder, 'function.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*', '@smithy/*'],
    logLevel: 'warning',
  });
  writeFileSync(join(outputFolder, 'index.mjs'), 'export { handler } from "./function.cjs";\n');
}
