import { failures } from '../../base/refusals.ts';

export const no = failures('api', {
  form: [
    'BAD_INPUT',
    'A value in the request has a form that cannot be stored or compared; check cursor and filters.',
  ],
  busy: ['UNAVAILABLE', 'The database is busy or starting; try again in a moment.'],
  brokeOff: [
    'UNAVAILABLE',
    'The connection to the database broke off. Whether a change was stored is not known: look before you repeat it, or repeat it with the same Idempotency-Key.',
  ],
  internal: [
    'INTERNAL',
    'Something went wrong on our side. Look whether your change was stored before you repeat it, and please quote request {request}.',
  ],
  headersTooLong: ['TOO_LARGE', 'Address and headers together are longer than 16 KiB; nothing was read.'],
  unreadable: [
    'BAD_INPUT',
    'This is not a request as HTTP/1.1 has them, or it came too slowly; nothing was done.',
  ],
});
