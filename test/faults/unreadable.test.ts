import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestInstance, testInstance } from '../support/instance.ts';

/** What the server cannot even read as a request is refused like every other fault: with a code of ours and a sentence. */

let t: TestInstance;
let port: number;
beforeAll(async () => {
  t = await testInstance();
  port = Number(new URL(await t.server.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => t.close());

/** Sends these bytes; gives what comes until the connection ends. */
const sent = (text: string) =>
  new Promise<string>((done, failed) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => done(answer));
    socket.on('error', failed);
  });

const HOST = 'Host: 127.0.0.1\r\n';
const POST = `POST /api/v1/sign-in HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n`;

test.each([
  ['what is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 'BAD_INPUT'],
  ['another version of it', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'BAD_INPUT'],
  ['a method that is none', `FETCH / HTTP/1.1\r\n${HOST}\r\n`, 'BAD_INPUT'],
  ['an address that is too long', `GET /?q=${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 'TOO_LARGE'],
  ['a header that is too long', `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(20_000)}\r\n\r\n`, 'TOO_LARGE'],
  ['a length below nothing', `${POST}Content-Length: -1\r\n\r\n{}`, 'BAD_INPUT'],
  ['two lengths', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'BAD_INPUT'],
])('%s', async (_what, text, code) => {
  const [head = '', body = ''] = (await sent(text)).split('\r\n\r\n');
  expect(head).toContain('content-type: application/problem+json');
  const problem = JSON.parse(body);
  expect(head).toContain(`HTTP/1.1 ${problem.status} ${problem.title}`);
  expect(problem).toMatchObject({ code, type: `/problems/${code}`, problems: [] });
  expect(problem.detail).toMatch(/^[A-Z].{20,}\.$/);
  expect(problem.requestId).toMatch(/^[0-9a-f]{16}$/);
});
