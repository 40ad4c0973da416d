import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * What becomes of what holds messages, content, keys or logs when its stack goes. What is kept goes nevertheless with a first
 * deployment that is rolled back: it is empty then, and would be in the way of the next deployment under the same names.
 */
export const removalPolicyOf = (retainState: boolean): RemovalPolicy =>
  retainState ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
