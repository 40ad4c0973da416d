import { Refusal } from './refusal.ts';

/** Why a token is refused. Stable: the error queue, the ledger and alarms keep these codes. */
export type TokenRefusal =
  | 'TokenMissing'
  | 'TokenTooLarge'
  | 'TokenMalformed'
  | 'TokenHeaderRefused'
  | 'TokenAlgorithmRefused'
  | 'TokenClaimInvalid'
  | 'TokenIssuerUnknown'
  | 'TokenAudienceMismatch'
  | 'TokenExpired'
  | 'TokenNotYetValid'
  | 'TokenLifetimeTooLong'
  | 'TokenUnknownKey'
  | 'TokenKeyRefused'
  | 'TokenSignatureInvalid'
  | 'TokenSenderMismatch';

/** @param reason the claim or field, the kind of its value and the remedy; never a value out of the token, which is a credential */
export const refused = (code: TokenRefusal, reason: string, options?: ErrorOptions): Refusal => new Refusal(code, reason, options);
