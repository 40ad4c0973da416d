/**
 * Whether API Gateway passes a body of this media type on as bytes.
 *
 * @param binaryMediaTypes of the API, e.g. `image/*`
 * @param mediaType a `Content-Type` or `Accept`, of which the first type counts
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
 */
export function isBinary(binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean {
  if (binaryMediaTypes.includes('*/*')) return true;
  const [first = ''] = (mediaType ?? '').split(/[,;]/);
  const [type, subtype] = first.trim().toLowerCase().split('/');
  return binaryMediaTypes.some((binary) => {
    const [binaryType, binarySubtype] = binary.toLowerCase().split('/');
    return binaryType === type && (binarySubtype === '*' || binarySubtype === subtype);
  });
}
