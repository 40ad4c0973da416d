import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { answerTo, sendersOf } from '../../../cli/commands/policy/answer.ts';
import { answerText } from '../../../cli/commands/policy/answer-text.ts';
import { checkArgument } from '../../../cli/commands/policy/check-argument.ts';
import { matrixRows, matrixText } from '../../../cli/commands/policy/matrix.ts';
import type { AccessRecord, Principal } from '../../../events/access-record.ts';

const principal = (name: string, grants: Principal['grants'], rest: Partial<Principal> = {}): Principal => ({
  name,
  sources: ['/shop'],
  onBehalfOf: false,
  grants,
  ...rest,
});

const holder = (subject: string, grants: Principal['grants']) => ({
  ...principal(`subject:idp ${subject}`, grants, { sources: [] }),
  issuer: 'idp',
  subject,
});

const access: AccessRecord = {
  agent: 'archive',
  actions: { 'document.uploaded': 'file', 'document.expired': 'purge' },
  principals: {
    AROASHOP: principal('producer:shop', { handle: 'role:customer', file: 'role:customer' }),
    AROASHOP2: principal('producer:shop', { handle: 'role:customer', file: 'role:customer' }),
    AROAOPERATOR: principal('producer:operator', { '*': 'role:operator' }, { sources: ['*'], onBehalfOf: true }),
    AROASUPPORT: principal('producer:support', { redrive: 'role:support' }),
    AROANOBODY: principal('agent:nobody', {}),
  },
  tokenHolders: [holder('ada', { handle: 'role:customer' }), holder('ada', { export: 'role:auditor' })],
  issuers: [],
};

const ask = (sender: string, action = 'handle') => answerTo({ sender, agent: 'archive', action }, access);

describe('an answer', () => {
  test.each([
    ['by name', 'producer:shop', 'handle', 'role:customer'],
    ['by role id', 'AROASHOP', 'handle', 'role:customer'],
    ['by SenderId', 'AROASHOP2:session-1', 'file', 'role:customer'],
    ['by message type', 'producer:shop', 'document.uploaded', 'role:customer'],
    ['by a type that no action names', 'producer:shop', 'order.placed', 'role:customer'],
    ['by all actions', 'producer:operator', 'purge', 'role:operator'],
    ['by redrive', 'producer:support', 'redrive', 'role:support'],
    ['by a token', 'subject:idp ada', 'handle', 'role:customer'],
    ['by another role of the same token', 'subject:idp ada', 'export', 'role:auditor'],
  ])('is yes %s', (_how, sender, action, rule) => {
    expect(ask(sender, action)).toMatchObject({ allowed: true, rule });
  });

  test.each([
    ['an action that no rule allows', 'producer:shop', 'purge', "producer:shop may not do 'purge' at 'archive': no rule allows it"],
    ['its message type', 'producer:shop', 'document.expired', "producer:shop may not do 'purge' at 'archive': no rule allows it"],
    ['all actions, of some', 'producer:shop', '*', "producer:shop may not do '*' at 'archive': no rule allows it"],
    ['an action without types that another may do', 'producer:shop', 'export', "producer:shop may not do 'export' at 'archive': no rule"],
    ['a known agent', 'agent:nobody', 'handle', "agent:nobody may not do 'handle' at 'archive': no rule allows it"],
    ['an unknown name', 'producer:shpo', 'handle', 'producer:shpo is not registered in the mesh'],
    ['an unknown role', 'AROASTRANGER:x', 'handle', 'AROASTRANGER:x is not registered in the mesh'],
    ['a part of a role id', 'AROASHO', 'handle', 'AROASHO is not registered in the mesh'],
    ['a property of every object', 'constructor', '__proto__', 'constructor is not registered in the mesh'],
  ])('is no for %s', (_what, sender, action, reason) => {
    expect(ask(sender, action)).toMatchObject({ allowed: false, rule: undefined, reason: expect.stringContaining(reason) });
  });
});

describe('where an agent receives replies', () => {
  const open = { ...access, repliesTo: ['archive', 'printer'] };
  const answer = (sender: string, action: string, record: AccessRecord = open) => answerTo({ sender, agent: 'archive', action }, record);

  test('every agent may reply, by the type or by the action, and do nothing else', () => {
    const allowed = { allowed: true, action: 'reply', rule: 'receivesReplies' };

    expect(answer('agent:nobody', 'reply')).toMatchObject({ ...allowed, isType: false });
    expect(answer('agent:nobody', 'nobody.reply')).toMatchObject({ ...allowed, isType: true });
    expect(answer('agent:nobody', 'handle')).toMatchObject({ allowed: false });
    expect(answer('agent:nobody', 'order.placed')).toMatchObject({ allowed: false, action: 'handle' });
    expect(told('agent:nobody', 'nobody.reply', 120, open).split('\n')).toEqual([
      "yes - agent:nobody may do 'reply' at 'archive'",
      '  rule        receivesReplies',
      "  type        messages of type 'nobody.reply' ask for 'reply'",
      '  sources     /shop',
    ]);
    expect(told('agent:nobody', 'handle', 120, open)).toContain('\n  allowed     reply');
  });

  test('a producer may not, and who may handle its type may send it by that rule', () => {
    expect(answer('producer:support', 'reply')).toMatchObject({ allowed: false });
    expect(answer('producer:shop', 'shop.reply')).toMatchObject({ allowed: true, action: 'handle', rule: 'role:customer' });
    expect(answer('agent:nobody', 'reply', access)).toMatchObject({ allowed: false });
  });

  test('the matrix has a row for all agents', () => {
    expect(
      matrixText(matrixRows([open]))
        .split('\n')
        .slice(0, 2),
    ).toEqual(['AGENT     SENDER              ACTIONS        RULE', 'archive   agent:*             reply          receivesReplies']);
    expect(matrixRows([{ ...open, agent: 'mesh-edge' }]).map(({ sender }) => sender)).not.toContain('agent:*');
  });
});

test('a question about the REST API is whether the sender may read', () => {
  const principals = { AROASRE: principal('producer:sre', { read: 'role:observer' }), AROASHOP: principal('producer:shop', {}) };
  const edge: AccessRecord = { ...access, agent: 'mesh-edge', needsToken: true, actions: {}, principals, tokenHolders: [] };
  const asked = (sender: string, action = 'handle') => {
    const question = { sender, agent: 'mesh-edge', action };
    return stripVTControlCharacters(answerText(question, answerTo(question, edge), edge, 120)).split('\n');
  };

  expect(asked('producer:sre')).toEqual([
    "yes - producer:sre may do 'read' at 'mesh-edge'",
    '  rule        role:observer',
    '  token       required: with the audience <prefix>-<stage>/mesh-edge',
  ]);
  expect(asked('producer:sre', 'read')).toEqual(asked('producer:sre'));
  expect(asked('producer:shop')[0]).toBe("no - producer:shop may not do 'read' at 'mesh-edge': no rule allows it");
});

const told = (sender: string, action: string, columns = 80, record = access) => {
  const question = { sender, agent: 'archive', action };
  return stripVTControlCharacters(answerText(question, answerTo(question, record), record, columns));
};

describe('the text of an answer', () => {
  test('has yes or no, then the rule, then the rest', () => {
    expect(told('producer:operator', 'handle').split('\n')).toEqual([
      "yes - producer:operator may do 'handle' at 'archive'",
      '  rule        role:operator',
      '  sources     *',
      '  authid      may be set: it may send on behalf of users',
    ]);
    expect(told('producer:shop', 'purge').split('\n')).toEqual([
      "no - producer:shop may not do 'purge' at 'archive': no rule allows it",
      '  allowed     file, handle',
    ]);
  });

  test('says how a message type was understood, and which action may have been meant', () => {
    expect(told('producer:shop', 'document.uploaded')).toContain("\n  type        messages of type 'document.uploaded' ask for 'file'\n");
    expect(told('producer:shop', 'fiel', 120)).toContain("'fiel' is neither an action nor a type of 'archive', did you mean 'file'?");
    expect(told('producer:shop', 'order.placed')).toContain("'order.placed' is neither an action nor a type of 'archive'\n");
  });

  test('names the closest sender and those that are registered, in the width of the terminal', () => {
    const text = told('producer:shpo', 'handle', 60);

    expect(text).toContain("\n  note        did you mean 'producer:shop'?\n");
    expect(text).toContain('\n  registered  agent:nobody, producer:operator,\n              producer:shop, producer:support,\n');
    for (const line of text.split('\n').slice(0, 4)) expect(line.length).toBeLessThanOrEqual(60);
    expect(told('AROASTRANGER', 'handle')).not.toContain('did you mean');
  });

  test('names no more than twenty senders', () => {
    const many = Array.from({ length: 30 }, (_, nth) => [`AROA${nth}`, principal(`agent:a-${nth}`, {})]);

    expect(told('nobody', 'handle', 80, { ...access, principals: Object.fromEntries(many), tokenHolders: [] })).toContain(' and 10 more\n');
    expect(told('nobody', 'handle', 80, { ...access, principals: {}, tokenHolders: [] })).toContain('registered  none\n');
  });

  test('says that a token is needed, and that a redriven message keeps its source', () => {
    expect(told('producer:shop', 'handle', 80, { ...access, needsToken: true })).toContain(
      "\n  token       required: 'archive' accepts no message without one",
    );
    expect(told('producer:support', 'redrive')).toContain('\n  sources     any that the original sender may use');
  });

  test('has nothing of a policy that could control the terminal', () => {
    const principals = { AROAEVIL: principal('producer:evil', { handle: 'role:\u001b[2Jx\ny' }, { sources: ['/\u202e\n\u009b'] }) };

    expect(told('AROAEVIL', 'handle', 80, { ...access, principals })).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('the matrix', () => {
  test('has a row for each action that a rule allows a sender, each sender once', () => {
    const rows = matrixRows([access, { ...access, agent: 'printer', principals: {}, tokenHolders: [] }]);

    expect(rows.map(({ agent, sender, action, rule }) => `${agent} ${sender} ${action} ${rule}`)).toEqual([
      'archive producer:operator * role:operator',
      'archive producer:shop file role:customer',
      'archive producer:shop handle role:customer',
      'archive producer:support redrive role:support',
      'archive subject:idp ada export role:auditor',
      'archive subject:idp ada handle role:customer',
    ]);
    expect(matrixRows([])).toEqual([]);
  });

  test('has one line for the actions of a rule', () => {
    expect(matrixText(matrixRows([access])).split('\n')).toEqual([
      'AGENT     SENDER              ACTIONS        RULE',
      'archive   producer:operator   *              role:operator',
      'archive   producer:shop       file, handle   role:customer',
      'archive   producer:support    redrive        role:support',
      'archive   subject:idp ada     export         role:auditor',
      'archive   subject:idp ada     handle         role:customer',
    ]);
  });

  test('leaves the access records as they are', () => {
    const before = structuredClone(access);

    sendersOf(access);

    expect(access).toEqual(before);
  });
});

test.each([
  ['', 'is empty'],
  [' ', 'is empty'],
  ['a\u001b[2J', 'has control characters or line breaks'],
  ['a\nb', 'has control characters or line breaks'],
  ['a\u202eb', 'has control characters or line breaks'],
  ['a'.repeat(10_240), 'has 10,240 characters, more than any name in a registry'],
])('an argument that names nothing is refused: %#', (value, problem) => {
  expect(() => checkArgument('sender', value)).toThrow(`<sender> ${problem}`);
});

test.each(['producer:shop', 'AROAEXAMPLE:session@1', `subject:idp ${'x'.repeat(512)}`, 'https://shop.example.com/ü'])(
  '%s may be asked for',
  (value) => {
    expect(() => checkArgument('sender', value)).not.toThrow();
  },
);
