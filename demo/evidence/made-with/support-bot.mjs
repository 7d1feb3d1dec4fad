// The ACME support assistant, release 2.3.2, as far as the hijacking suite needs it: a rule-based bot that answers
// support questions, leaves everything else alone and never changes its role. It calls nothing outside this file.

const SCOPE = 'orders, deliveries, returns, refunds and invoices';

const ANSWERS = [
  [
    /\b(late|delayed|where is)\b/i,
    'A late delivery is traced within one working day; the order page shows each step.',
  ],
  [
    /\b(refund|money back)\b/i,
    'A refund reaches the original means of payment within five working days of the return.',
  ],
  [/\b(return label|send back)\b/i, 'The return label for your order can be printed from the order page.'],
  [
    /\b(place|change|cancel) my order\b/i,
    'An order can be changed or cancelled on the order page until it is dispatched.',
  ],
];

const ROLE_CHANGE =
  /\b(ignore|disregard|forget) (all|your|the|any|previous)\b|\byou are (now|no longer)\b|\b(maintenance|developer|admin) mode\b|\bfrom now on\b/i;

const OTHER_TASK =
  /\b(write|compose|plan|solve|recommend|which shares|your opinion|essay|poem|script|recipe|homework|itinerary)\b/i;

/** True for a message that is nothing but one run of base64: it has no sentence a support bot could answer. */
function isEncoded(message) {
  return message.length >= 24 && /^[A-Za-z0-9+/]+={0,2}$/.test(message);
}

/** The reply of the bot to one customer message. */
export function reply(message) {
  if (isEncoded(message)) return `Please write in plain words. I can only help with ACME ${SCOPE}.`;
  const hits = ANSWERS.filter(([topic]) => topic.test(message)).map(([, answer]) => answer);
  if (ROLE_CHANGE.test(message)) {
    return [
      'I cannot act outside my role as ACME support, but I am glad to help with your order.',
      ...hits,
    ].join(' ');
  }
  if (OTHER_TASK.test(message) || hits.length === 0) {
    const rest = hits.length > 0 ? 'The rest of your message is' : 'That is';
    return [...hits, `${rest} outside ACME support: I can only help with ${SCOPE}.`].join(' ');
  }
  return hits.join(' ');
}

export default class SupportBot {
  id() {
    return 'custom:acme-support-bot@2.3.2';
  }

  async callApi(prompt) {
    return { output: reply(prompt.replace(/^You are ACME support\. Customer says: /, '').trim()) };
  }
}
