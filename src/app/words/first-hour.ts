import { catalogue } from '../../base/sentence.ts';

/** The steps of the first hour. */
export const step = catalogue('firstHour', {
  preset: 'Take the criteria for {preset}',
  system: 'Record your AI systems',
  class: 'Confirm a system with its risk class',
  approve: 'Have the criteria decided',
  people: 'Name approver and human oversight',
  hazards: 'Confirm what can go wrong',
  risks: 'Rate {number} risks',
  evidence: 'Hand in a test result',
  gate: 'Ask the gate about a release',
});

/** What each is for. */
export const why = catalogue('firstHour.why', {
  system: 'By hand, or as a CSV file. Each has one purpose and one owner.',
  class: 'Its page then says what is required of it, and what is not.',
  approveAlone: 'You decide alone, 24 hours after the last change.',
  approve: 'By designated management other than their author.',
  people: 'Of at least one system in scope.',
  confirm: 'Confirm the hazards that you took over: tests are judged by them.',
  hazards:
    'The page of a system proposes hazards from the catalogue; tests are judged by those that you confirm.',
  risks: '{rated} of {number} rated; those above the appetite stand out.',
  evidence: 'A file of your test tool; its cases are counted again.',
  gate: 'It says what is missing, and who does something about each.',
});
