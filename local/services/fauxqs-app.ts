import type { buildApp } from 'fauxqs';

/** fauxqs' HTTP routes. */
export type App = ReturnType<typeof buildApp>;
