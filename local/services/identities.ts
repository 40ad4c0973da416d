import { randomBytes } from 'node:crypto';
import { base32, roleId } from '../template/role-id.ts';

/** Who makes a request. */
export interface Caller {
  /** SQS's SenderId and STS's UserId: of a role's session `<role id>:<session name>`. */
  readonly userId: string;
  /** e.g. `arn:aws:sts::000000000000:assumed-role/<role>/<session name>` */
  readonly arn: string;
  /** The role or user, without the session. */
  readonly principalArn: string;
  /** The function whose session it is. */
  readonly functionArn?: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The SenderId of the laptop's operator, whose requests are signed with any key that the embedded cloud has not given out. */
export const OPERATOR_SENDER_ID = 'AIDALOCALOPERATOR0000';

/** The operator, as SQS and STS know it. */
export const OPERATOR = { principalId: OPERATOR_SENDER_ID, arn: `arn:aws:iam::000000000000:user/local-operator` };

/** The SenderId of messages that SNS delivers to a queue. AWS documents none; this one is found in messages from SNS on AWS. */
export const SNS_SENDER_ID = 'AIDAIT2UOQQY3AUEKVGXU';

const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/(?:[\u0021-\u007E]*\/)?([\w+=,.@-]{1,64})$/;
const ACCESS_KEY_ID = /\bCredential=([^/,\s]+)\//;

/**
 * The callers of the endpoint, by the access key id in a request's signature. Signatures are not verified: every process on this machine
 * may act as any caller whose key id it knows.
 */
export class Identities {
  readonly operator: Caller;
  readonly #accountId: string;
  readonly #callers = new Map<string, Caller>();
  /** By ARN. */
  readonly #functions = new Map<string, Caller & Credentials>();

  constructor(accountId: string) {
    this.#accountId = accountId;
    const arn = `arn:aws:iam::${accountId}:user/local-operator`;
    this.operator = { userId: OPERATOR_SENDER_ID, arn, principalArn: arn };
  }

  /** @param authorization the header of a request that is signed by Signature Version 4 */
  callerOf(authorization: string | undefined): Caller {
    return this.signerOf(authorization);
  }

  /** The caller, and the key id in the request's signature, if it has one. */
  signerOf(authorization: string | undefined): Caller & { readonly accessKeyId: string | undefined } {
    const accessKeyId = ACCESS_KEY_ID.exec(authorization ?? '')?.[1];
    return { ...(this.#callers.get(accessKeyId ?? '') ?? this.operator), accessKeyId };
  }

  /** The credentials of a function, which are its role's session by the function's name. They are the same for all of its workers. */
  ofFunction({ name, arn, roleArn }: { readonly name: string; readonly arn: string; readonly roleArn: string }): Credentials {
    const known = this.#functions.get(arn);
    if (known?.principalArn === roleArn) return known;
    const session = this.#open({ ...this.#roleSession(roleArn, name), functionArn: arn });
    this.#functions.set(arn, session);
    return session;
  }

  /** New credentials of a role. They never expire. @returns `undefined` if it is no ARN of a role */
  assumeRole(roleArn: string, sessionName: string): (Caller & Credentials) | undefined {
    return ROLE_ARN.test(roleArn) ? this.#open(this.#roleSession(roleArn, sessionName)) : undefined;
  }

  #open(caller: Caller): Caller & Credentials {
    const credentials = {
      accessKeyId: `ASIA${base32(randomBytes(16))}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(96).toString('base64'),
    };
    this.#callers.set(credentials.accessKeyId, caller);
    return { ...caller, ...credentials };
  }

  #roleSession(roleArn: string, sessionName: string): Caller {
    const [, accountId = this.#accountId, roleName = roleArn] = ROLE_ARN.exec(roleArn) ?? [];
    return {
      userId: `${roleId(roleName)}:${sessionName}`,
      arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
      principalArn: roleArn,
    };
  }
}
