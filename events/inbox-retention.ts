/**
 * How long SQS keeps a message in an inbox, from its sending on. It is half of the dead-letter queue's retention: SQS counts from the
 * first send, even after it has moved a message there.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
 */
export const INBOX_RETENTION_DAYS = 7;
