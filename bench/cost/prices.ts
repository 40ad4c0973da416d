/** List prices in dollars, us-east-1, first tier, no free tier. Per million where a unit is counted one by one. */
export const prices = {
  /** SQS standard, for each started 64 KB of a request. https://aws.amazon.com/sqs/pricing/ */
  sqsPerMillionRequests: 0.4,
  /** In addition, with a MessageGroupId (fair queues). https://aws.amazon.com/sqs/pricing/, https://cloudburn.io/blog/amazon-sqs-pricing */
  sqsFairPerMillionRequests: 0.1,
  /** DynamoDB on demand. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnitsPerMillion: 0.625,
  readUnitsPerMillion: 0.125,
  tablePerGbMonth: 0.25,
  /** Point-in-time recovery. */
  tableBackupPerGbMonth: 0.2,
  /** S3 Standard. https://aws.amazon.com/s3/pricing/ */
  s3PutPerMillion: 5,
  s3GetPerMillion: 0.4,
  s3PerGbMonth: 0.023,
  /** Lambda on ARM. https://aws.amazon.com/lambda/pricing/ */
  lambdaPerMillionInvocations: 0.2,
  lambdaPerGbSecond: 0.0000133334,
  /** API Gateway: requests to a REST API. https://aws.amazon.com/api-gateway/pricing/ */
  apiPerMillionRequests: 3.5,
  /** CloudWatch Logs, taken in. https://aws.amazon.com/cloudwatch/pricing/ */
  logsPerGb: 0.5,
  logsPerGbMonth: 0.03,
  /** CloudWatch: an alarm on one metric, a dashboard after the first three, a custom metric. https://aws.amazon.com/cloudwatch/pricing/ */
  alarmPerMonth: 0.1,
  dashboardPerMonth: 3,
  customMetricPerMonth: 0.3,
  /** KMS: a customer managed key. https://aws.amazon.com/kms/pricing/ */
  keyPerMonth: 1,
  /** X-Ray, recorded. https://aws.amazon.com/xray/pricing/ */
  tracesPerMillion: 5,
} as const;
