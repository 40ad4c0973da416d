import { assumptions } from './assumptions.ts';
import { prices } from './prices.ts';

/** Dollars for a million requests to the mesh's REST API. */
export interface EdgeCost {
  readonly gateway: number;
  /** The function that answers: its invocations, its time and Lambda's log lines. */
  readonly operations: number;
  /** The function that verifies the token, with `edgeAuthentication: 'jwt'`. No answer of it is kept, so each request asks it. */
  readonly authorizer: number;
  readonly accessLog: number;
}

const logsCost = (bytes: number): number => ((bytes * 1e6) / 1e9) * (prices.logsPerGb + assumptions.logMonths * prices.logsPerGbMonth);

const invocationsCost = (ms: number): number =>
  prices.lambdaPerMillionInvocations +
  ms * 1_000 * assumptions.memoryGb * prices.lambdaPerGbSecond +
  logsCost(assumptions.platformLogBytes);

/** Reads of tables are left out: they are less than a cent. */
export const edgeCost = (authentication: 'iam' | 'jwt'): EdgeCost => ({
  gateway: prices.apiPerMillionRequests,
  operations: invocationsCost(assumptions.operationsMs),
  authorizer: authentication === 'jwt' ? invocationsCost(assumptions.authorizerMs) : 0,
  accessLog: logsCost(assumptions.accessLogBytes),
});
