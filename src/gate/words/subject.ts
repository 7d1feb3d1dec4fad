import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.subject', {
  otherSystem: '{release} is not a release of {system}.',
  noComponents: '{release} names no components, so nothing says what would be shipped.',
  nameComponents: 'Name the components of {release}',
  unknownComponents: 'Nothing is known about {components}, named by {release}.',
  consistsOf:
    '{release} consists of {number, plural, one {{number} component} other {{number} components}}: {components}.',
  draft: '{release} is still a draft.',
  submit: 'Submit {release}',
  gone: '{release} was {state, select, rolledBack {rolled back} refused {refused} other {withdrawn}}.',
  makeNew: 'Make a new release, or revise {release}',
  retired: '{component} is retired.',
  replace: 'Replace {component} in the release',
  notOfSystem: '{component} is not recorded as a component of {system}.',
  addSystem: 'Add {system} to the systems of {component}',
  noDigest: 'The digest of {component} is not one: it must be sha256, sha384 or sha512 with its hex digits.',
  declared:
    '{component}, version {version}, is known only by what {supplier} says about it: it has no digest.',
  withoutDigest: '{component} is a {kind} without a digest.',
  giveDigest:
    'Give {component} its digest; or, for a hosted model, its supplier, its version, and that only the supplier identifies it',
});
