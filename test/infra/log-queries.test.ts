import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AUDIT_MESSAGE, auditLineSchema } from '../../events/audit-line.ts';
import { synthesizeFixture } from './fixture-mesh.ts';

const querySchema = z.object({ Properties: z.strictObject({ Name: z.string(), QueryString: z.string() }) });

const { state } = synthesizeFixture();
const queries = Object.values(state.findResources('AWS::Logs::QueryDefinition')).map((query) => querySchema.parse(query).Properties);

/** Commands, operators and functions of the query language that are used. */
const LANGUAGE = new Set('fields filter stats sort limit and or in like as by asc desc count count_distinct latest'.split(' '));

/** Of every line, beside those of the audit line: docs/logs.md. */
const FIELDS_OF_LINES = ['level', 'version', 'service'];

/** The names in a query that are neither text nor a pattern nor of the language. */
function namesIn(query: string): readonly string[] {
  const code = query.replaceAll(/'[^']*'|\/[^/]*\//g, '');
  const aliases = [...code.matchAll(/ as (\w+)/g)].map(([, alias]) => alias);
  const names = [...code.matchAll(/(?<![@\w])[A-Za-z_]\w*/g)].map(([name]) => name);
  return names.filter((name) => !LANGUAGE.has(name) && !aliases.includes(name));
}

describe('the saved queries', () => {
  test('are in a folder of the mesh', () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual([
      'posthorn-dev/a journey by correlation id',
      'posthorn-dev/a message by id',
      'posthorn-dev/failures by code',
      'posthorn-dev/refused senders',
      'posthorn-dev/slowest deliveries',
      'posthorn-dev/unknown errors',
    ]);
  });

  test.each(queries)('$Name asks for fields that lines have', ({ QueryString }) => {
    const names = namesIn(QueryString);

    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !(name in auditLineSchema.shape) && !FIELDS_OF_LINES.includes(name))).toEqual([]);
  });

  test.each(queries.filter(({ Name }) => !Name.includes(' by id') && !Name.includes('correlation')))(
    '$Name looks at audit lines only',
    ({ QueryString }) => {
      expect(QueryString.split('\n')[0]).toContain(`filter message = '${AUDIT_MESSAGE}'`);
    },
  );
});
