import { z } from 'zod';
import { GATEWAY_RESPONSE } from './api-types.ts';
import type { GatewayResponse } from './deployed-api.ts';
import type { IgnoredParts } from './ignored.ts';
import type { PlannedResource } from './planned-resource.ts';

const responseSchema = z.object({
  ResponseType: z.string(),
  StatusCode: z.coerce.number().int().min(100).max(599).optional(),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
  ResponseTemplates: z.record(z.string(), z.string()).default({}),
});

const HEADER = /^gatewayresponse\.header\.([\w-]+)$/;
const STATIC = /^'(.*)'$/s;
const DEFAULT_CONTENT_TYPE = 'application/json';

/** The answers of an API itself. Headers whose values come from the request are left out and added to what is ignored. */
export function planGatewayResponses(
  parts: readonly { readonly planned: PlannedResource }[],
  ignored: IgnoredParts,
): readonly GatewayResponse[] {
  return parts.map(({ planned }) => {
    const { ResponseType, StatusCode, ResponseParameters, ResponseTemplates } = responseSchema.parse(planned.properties);
    const headers = Object.entries(ResponseParameters).flatMap(([target, source]) => {
      const [, name] = HEADER.exec(target) ?? [];
      const [, value] = STATIC.exec(source) ?? [];
      if (name !== undefined && value !== undefined) return [[name, value] as const];
      ignored.add(GATEWAY_RESPONSE, 'ResponseParameters');
      return [];
    });
    const contentType = DEFAULT_CONTENT_TYPE in ResponseTemplates ? DEFAULT_CONTENT_TYPE : (Object.keys(ResponseTemplates)[0] ?? '');
    const text = ResponseTemplates[contentType];
    return {
      ...{ responseType: ResponseType, headers: Object.fromEntries(headers) },
      ...(StatusCode !== undefined && { status: StatusCode }),
      ...(text !== undefined && { template: { contentType, text } }),
    };
  });
}
