const INVOKED = /:lambda:path\/[\d-]+\/functions\/([^/]+)\/invocations$/;

/** The ARN of the function that API Gateway invokes at a URI; `undefined` for another URI. */
export const invokedFunction = (uri: string): string | undefined => INVOKED.exec(uri)?.[1];
