/** Time stamps of others (RFC 3161): the request, the answer, and whether the answer holds. Pure. */
export { type Certificate, MAX_CHAIN, nameOf, readChain } from './certificate.ts';
export { anchorsOf } from './path.ts';
export { imprintOf, QUERY_TYPE, REPLY_TYPE, stampNonce, stampRequest } from './request.ts';
export { MAX_STAMP_BYTES, type StampCheck, type StampVerdict, verifyStamp } from './verify.ts';
