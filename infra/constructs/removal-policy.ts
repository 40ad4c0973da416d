import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * The removal policy of resources that hold messages, content, keys or logs. The rollback of a first deployment deletes even retained
 * resources: they are empty then, and their names would block the next deployment.
 */
export const removalPolicyOf = (retainState: boolean): RemovalPolicy =>
  retainState ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
