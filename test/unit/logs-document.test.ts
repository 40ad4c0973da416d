import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { AUDIT_MESSAGE, auditFieldsSchema, auditLineSchema, deliveryStatusSchema } from '../../events/audit-line.ts';
import { LineFormatter } from '../../functions/runtime/aws/log-formatter.ts';
import { SERVICE_IDS, serviceLogger } from '../../functions/runtime/aws/service-logger.ts';

const services = join(import.meta.dirname, '../../functions/services');
/** Each has a folder; beside them is what they share. */
const serviceIds = readdirSync(services, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const text = readFileSync(join(import.meta.dirname, '../../docs/logs.md'), 'utf8');
const sectionOf = (title: string): string => new RegExp(`^## ${title}\n(.*?)(?=^## )`, 'ms').exec(text)?.[1] ?? '';

/** The fields that a section lists, with a question mark if they may be absent. */
const listed = (title: string): readonly string[] =>
  [...sectionOf(title).matchAll(/^- ((?:`\w+`(?:, )?)+)( \(optional\))?:/gm)].flatMap(([, names = '', optional]) =>
    [...names.matchAll(/\w+/g)].map(([name]) => (optional === undefined ? name : `${name}?`)),
  );

describe('docs/logs.md', () => {
  test('lists the fields of the audit line as its schema has them, in its order', () => {
    const fields = Object.entries(auditFieldsSchema.shape).map(([name, schema]) =>
      schema.safeParse(undefined).success ? `${name}?` : name,
    );

    expect(listed('The audit line')).toEqual(fields);
  });

  test('names the ways in which a delivery ends, and the message of the line', () => {
    const section = sectionOf('The audit line');

    for (const status of deliveryStatusSchema.options) expect(section).toContain(`\`${status}\``);
    expect(section).toContain(`\`${AUDIT_MESSAGE}\``);
  });

  test('lists the fields that each line of an agent has', () => {
    const item = new LineFormatter().formatAttributes(
      {
        logLevel: 'INFO',
        timestamp: new Date(0),
        message: 'a line',
        serviceName: 'greeting',
        environment: '',
        awsRegion: '',
        sampleRateValue: 0,
      },
      { agent: 'greeting', version: '1.0.0' },
    );
    item.prepareForPrint();

    expect(listed('Every line').toSorted()).toEqual(Object.keys(item.getAttributes()).toSorted());
  });

  test('leaves no field of the audit line to guess', () => {
    const known = [...listed('Every line'), ...listed('The audit line').map((field) => field.replace('?', ''))];

    expect(Object.keys(auditLineSchema.shape).filter((field) => !known.includes(field))).toEqual([]);
  });

  test('names each function of the mesh as its lines do', () => {
    const [, line = ''] = /^- `service`: (.*?)\n(?=- )/ms.exec(sectionOf('Every line')) ?? [];

    expect([...line.matchAll(/`([a-z]+)`/g)].map(([, id]) => id).toSorted()).toEqual(serviceIds.toSorted());
    expect([...SERVICE_IDS].toSorted()).toEqual(serviceIds.toSorted());
  });

  test.each(serviceIds)('%s writes its lines with the logger of all services', (id) => {
    const source = readFileSync(join(services, id, 'handler.ts'), 'utf8');

    expect(source).toContain(`serviceLogger('${id}')`);
    expect(source).not.toContain('@aws-lambda-powertools/logger');
  });

  test('lists the fields of a line of a service, and of an error in it', () => {
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    const written = vi.spyOn(console, 'error').mockImplementation(() => undefined);

    serviceLogger('probe').error('a line', { error: new TypeError('why', { cause: new Error('below') }) });
    const { error, ...line } = JSON.parse(String(written.mock.calls[0]?.[0]));
    written.mockRestore();
    vi.unstubAllEnvs();

    const known = listed('Every line');
    expect(Object.keys(line).filter((field) => !known.includes(field))).toEqual([]);
    expect(line).toMatchObject({ service: 'probe', level: 'ERROR', message: 'a line' });
    for (const field of Object.keys(error)) expect(sectionOf('Every line'), field).toContain(`\`${field}\``);
  });
});
