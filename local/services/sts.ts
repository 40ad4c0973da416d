import { z } from 'zod';
import type { Place } from '../template/resource-types.ts';
import type { Caller, Identities } from './identities.ts';
import { type QueryAnswer, queryAnswer, queryError } from './query-protocol.ts';
import { SIGNING_ALGORITHMS } from './signing-key-file.ts';
import type { SigningKeys } from './signing-keys.ts';
import { webIdentityToken } from './web-identity-token.ts';

/** The API version in every request of STS's Query protocol. */
export const STS_VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${STS_VERSION}/`;

export interface Sts {
  readonly place: Place;
  readonly identities: Identities;
  readonly keys: SigningKeys;
}

type Fields = Readonly<Record<string, string>>;
type Action = (fields: Fields, caller: Caller, sts: Sts) => Promise<QueryAnswer> | QueryAnswer;

const assumeRoleSchema = z.object({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce.number().int().min(900).max(43_200).default(3_600),
});

const tokenSchema = z.object({
  Audience: z.array(z.string().min(1).max(1000)).min(1).max(10),
  DurationSeconds: z.coerce.number().int().min(60).max(3_600).default(300),
  SigningAlgorithm: z.enum(SIGNING_ALGORITHMS),
  Tags: z.array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) })).max(50),
});

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['GetCallerIdentity', getCallerIdentity],
  ['AssumeRole', assumeRole],
  ['GetWebIdentityToken', getWebIdentityToken],
]);

/** STS's Query protocol. No policy is evaluated: every caller may assume every role of the account. */
export async function executeSts(fields: Fields, caller: Caller, sts: Sts): Promise<QueryAnswer> {
  const action = ACTIONS.get(fields.Action ?? '');
  if (action !== undefined) return action(fields, caller, sts);
  return queryError('InvalidAction', `STS has ${[...ACTIONS.keys()].join(', ')} here, and not ${JSON.stringify(fields.Action ?? '')}`);
}

function getCallerIdentity(_fields: Fields, { arn, userId }: Caller, { place }: Sts): QueryAnswer {
  return queryAnswer('GetCallerIdentity', NAMESPACE, { Arn: arn, UserId: userId, Account: place.accountId });
}

function assumeRole(fields: Fields, caller: Caller, { identities, place }: Sts): QueryAnswer {
  const parsed = assumeRoleSchema.safeParse(fields);
  if (!parsed.success) return queryError('ValidationError', z.prettifyError(parsed.error));
  const { RoleArn, RoleSessionName, DurationSeconds } = parsed.data;
  const isForeign = /^arn:aws:iam::\d{12}:role\//.test(RoleArn) && !RoleArn.startsWith(`arn:aws:iam::${place.accountId}:`);
  if (isForeign) {
    return queryError('AccessDenied', `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`, 403);
  }
  const session = identities.assumeRole(RoleArn, RoleSessionName);
  if (session === undefined) return queryError('ValidationError', `${RoleArn} is invalid`);
  const { accessKeyId, secretAccessKey, sessionToken, userId, arn } = session;
  return queryAnswer('AssumeRole', NAMESPACE, {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(Date.now() + DurationSeconds * 1000).toISOString(),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
  });
}

async function getWebIdentityToken(fields: Fields, caller: Caller, { keys, place }: Sts): Promise<QueryAnswer> {
  const tags = members(fields, 'Tags', '.Key').map((Key, index) => ({ Key, Value: fields[`Tags.member.${index + 1}.Value`] ?? '' }));
  const parsed = tokenSchema.safeParse({ ...fields, Audience: members(fields, 'Audience'), Tags: tags });
  if (!parsed.success) return queryError('ValidationError', z.prettifyError(parsed.error));
  const { Audience, DurationSeconds, SigningAlgorithm, Tags } = parsed.data;
  const { token, expiration } = await webIdentityToken(
    {
      audience: Audience,
      durationSeconds: DurationSeconds,
      algorithm: SigningAlgorithm,
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    },
    { caller, keys, place },
  );
  return queryAnswer('GetWebIdentityToken', NAMESPACE, { WebIdentityToken: token, Expiration: expiration.toISOString() });
}

/** A list of the Query protocol: `<name>.member.1`, `<name>.member.2` and so on. */
function members(fields: Fields, name: string, suffix = ''): readonly string[] {
  const found: string[] = [];
  for (let index = 1; ; index++) {
    const value = fields[`${name}.member.${index}${suffix}`];
    if (value === undefined) return found;
    found.push(value);
  }
}
