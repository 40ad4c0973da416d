import { Lazy, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { MeshName } from '../../events/names.ts';
import { type RegistrationKind, registrationName } from '../../events/registration.ts';
import { RefusedError } from '../refused-error.ts';

/** The largest value of an advanced parameter. @see https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const MAX_BYTES = 8_192;

/** Counted for each value that only the deployment knows, e.g. the id of a role. */
const TOKEN_BYTES = 64;

const REMEDIES: Readonly<Record<RegistrationKind, string>> = {
  agents: 'give it fewer capabilities, targets or actions',
  producers: 'divide it into several producers',
  roles: 'divide it into several roles',
  issuers: 'give it fewer senders, or a URL for its keys',
  services: 'give it a shorter id',
};

export interface RegistrationProps {
  readonly mesh: MeshName;
  /** The app that declares it. */
  readonly appName: string;
  readonly kind: RegistrationKind;
  readonly registration: { readonly id: string };
}

/**
 * What a stack declares of itself, in an SSM parameter, from which the mesh's registry takes it.
 *
 * @throws RefusedError when it is larger than a parameter may be
 */
export class Registration extends StringParameter {
  /** Whether a registration is no larger than a parameter may be. */
  static fits(registration: object): boolean {
    return bytesOf(registration) <= MAX_BYTES;
  }

  constructor(scope: Construct, id: string, { mesh, appName, kind, registration }: RegistrationProps) {
    if (!Registration.fits(registration)) {
      throw new RefusedError([
        `${kind.slice(0, -1)} '${registration.id}': its registration has ${bytesOf(registration)} bytes, more than the ${MAX_BYTES} of an SSM parameter; ` +
          REMEDIES[kind],
      ]);
    }
    const json = Stack.of(scope).toJsonString(registration);
    super(scope, id, {
      parameterName: registrationName(mesh, appName, kind, registration.id),
      description: `Posthorn (${mesh.stage}): ${kind}/${registration.id}`,
      stringValue: Token.asString(Lazy.uncachedAny({ produce: (context) => literal(context.resolve(json)) })),
      // Up to 4 KB it is a standard parameter, which costs nothing; up to 8 KB an advanced one.
      tier: ParameterTier.INTELLIGENT_TIERING,
    });
  }
}

/**
 * JSON in which no text is a reference: CloudFormation resolves `{{resolve:...}}` in a property, and SSM refuses every value with `{{...}}`.
 * Only a string of JSON can have two braces in a row.
 *
 * @param json a string, or an intrinsic function that makes one
 */
function literal(json: unknown): unknown {
  if (typeof json === 'string') return json.replaceAll('{{', ESCAPED_BRACES);
  if (Array.isArray(json)) return json.map(literal);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, literal(value)]));
}

const ESCAPED_BRACES = '{\\u007b';

function bytesOf(registration: object): number {
  const json = JSON.stringify(registration).replaceAll('{{', ESCAPED_BRACES);
  const fragments = Tokenization.reverseString(json).mapTokens({ mapToken: () => 'x'.repeat(TOKEN_BYTES) });
  return Buffer.byteLength(String(fragments.join({ join: (left, right) => `${left ?? ''}${right ?? ''}` })));
}
