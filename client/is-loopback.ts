import { isIPv4 } from 'node:net';

/** Whether an endpoint is on this machine: an emulator with one server, which needs no real credentials. */
export function isLoopback(endpoint: string): boolean {
  const hostname = URL.parse(endpoint)?.hostname ?? '';
  return (
    /^(.+\.)?localhost$/.test(hostname) ||
    hostname === '[::1]' ||
    (isIPv4(hostname) && hostname.startsWith('127.')) ||
    hostname === 'localhost.localstack.cloud'
  );
}
