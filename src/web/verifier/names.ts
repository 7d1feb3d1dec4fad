/** The only names a pack has. One that is not among them is nobody's: what lies there was checked by nothing. */
const REGISTER = '[A-Za-z][A-Za-z0-9]{0,63}';
const TILE = 'tile/(?:entries|[0-9]{1,2})/(?:x[0-9]{3}/)*[0-9]{3}(?:\\.p/[1-9][0-9]{0,2})?';
const NAMES = new RegExp(
  `^(?:${[
    'pack\\.json|README\\.md|verify\\.html|verifiers/(?:audit\\.py|audit\\.go|README\\.md)',
    `log/(?:vkey|policy|checkpoints\\.jsonl|as-of|(?:former/[1-9][0-9]{0,5}/)?(?:checkpoint|${TILE}))`,
    'stamps/(?:[0-9]{1,16}\\.(?:body|tsr)|chain-[0-9]{1,6}\\.pem)',
    `records/${REGISTER}\\.jsonl|documents/${REGISTER}\\.csv`,
    'evidence/(?:index\\.jsonl|[0-9a-f]{64})|decisions/[A-Z]{3}-[0-9]{4,9}\\.dsse\\.json',
  ].join('|')})$`,
);

/** True for a name that files of packs have. */
export const isPackName = (name: string): boolean => NAMES.test(name);
