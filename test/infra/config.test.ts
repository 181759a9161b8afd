import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, hidePassword, resolveConfig } from '../../infra/stack/config.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('resolveConfig', () => {
  test('starts embedded servers in .assayer when nothing is set, and takes empty for unset', () => {
    const config = resolveConfig({ TEMPORAL_ADDRESS: '', MONGODB_URI: '' });
    expect(config.home).toBe(join(process.cwd(), '.assayer'));
    expect(config.temporal).toMatchObject({ address: null, namespace: 'default', tls: null, apiKey: null });
    expect(config.temporal.port).toEqual({ variable: 'ASSAYER_TEMPORAL_PORT', port: 7233, asked: false });
    expect(config.store.uri).toBeNull();
  });

  test('an API key turns TLS on, and TEMPORAL_TLS=false turns it off again', () => {
    expect(resolveConfig({ TEMPORAL_API_KEY: 'k' }).temporal.tls).toEqual({});
    expect(resolveConfig({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' }).temporal.tls).toBeNull();
  });

  test('reads the certificates', async () => {
    const folder = await temporaryFolder();
    const [crt, key] = [join(folder, 'crt.pem'), join(folder, 'key.pem')];
    await writeFile(crt, 'certificate');
    await writeFile(key, 'secret');
    const { tls } = resolveConfig({
      TEMPORAL_TLS_CLIENT_CERT_PATH: crt,
      TEMPORAL_TLS_CLIENT_KEY_PATH: key,
    }).temporal;
    expect(tls?.clientCertPair?.crt.toString()).toBe('certificate');
    expect(tls?.clientCertPair?.key.toString()).toBe('secret');
  });

  test.each([
    [
      { TEMPORAL_ADDRESS: 'http://example.org' },
      "TEMPORAL_ADDRESS is 'http://example.org'; allowed: host:port, such as 127.0.0.1:7233; unset it to use the embedded server",
    ],
    [
      { ASSAYER_STORE_PORT: '70000' },
      "ASSAYER_STORE_PORT is '70000'; allowed: a port from 1 to 65535; unset it to use the first free one from 27017",
    ],
    [
      { ASSAYER_TEMPORAL_PORT: 'seven' },
      "ASSAYER_TEMPORAL_PORT is 'seven'; allowed: a port from 1 to 65535; unset it to use the first free one from 7233",
    ],
    [
      { MONGODB_URI: 'postgres://me:secret@host/db' },
      "MONGODB_URI is 'postgres://me:***@host/db'; allowed: mongodb://host:port or mongodb+srv://host; unset it to use the embedded store",
    ],
    [
      { TEMPORAL_TLS_CLIENT_KEY_PATH: '/no/such.pem' },
      "TEMPORAL_TLS_CLIENT_KEY_PATH is '/no/such.pem'; allowed: a PEM file that can be read",
    ],
    [{ TEMPORAL_TLS: 'yes' }, "TEMPORAL_TLS is 'yes'; allowed: true or false"],
  ])('refuses %o', (env, message) => {
    expect(() => resolveConfig(env)).toThrow(new ConfigError(message));
  });
});

test('hidePassword leaves nothing of the password', () => {
  expect(hidePassword('mongodb+srv://me:p4ss@host/db')).toBe('mongodb+srv://me:***@host/db');
  expect(hidePassword('mongodb://host:27017')).toBe('mongodb://host:27017');
});
