/** Where the AWS clients find AWS. Each is left to the AWS SDK unless it is given. */
export interface ClientOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
