import { choice, digest, immaterial, link, longText, optional, text, url, yesNo } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const component = defineRegister({
  name: 'component',
  prefix: 'CMP',
  step: 'Scope',
  place: 20,
  label: { one: 'Component', many: 'Components' },
  purpose:
    'What an AI system is made of: models, datasets, prompts, tools, agents, computing. One record per version.',
  clauses: {
    'A.4.2': 'lists the resources each AI system needs',
    'A.4.3': 'describes the data resources',
    'A.4.4': 'describes models and tools',
    'A.4.5': 'describes where it is computed',
    'A.6.2.3': 'identifies exactly which parts were designed and built',
    'A.7.2': 'is where each dataset for development is managed',
    'A.7.3': 'says where data was acquired, and with which rights',
    'A.7.4': 'states the quality of a dataset',
    'A.7.5': 'says what a component was derived from',
    'A.7.6': 'says how data was prepared',
  },
  documents: ['DI-31', 'DI-32', 'DI-33', 'DI-34', 'DI-49', 'DI-51', 'DI-52'],
  fields: {
    name: text('Name', { max: 160 }),
    kind: choice('Kind', ['model', 'dataset', 'prompt', 'tool', 'agent', 'compute']),
    componentVersion: optional(text('Version', { max: 120 })),
    digest: optional(
      digest('Digest', { help: 'Of the file or artifact itself. Approvals and tests are bound to it.' }),
    ),
    supplierDeclared: optional(
      yesNo('Known only by what the supplier says', {
        help: 'For a hosted model: no digest can be computed, so name, version and supplier stand in for it.',
      }),
    ),
    servedAs: optional(
      text('Model ID at run time', {
        formerly: ['Answers under the name'],
        help: 'For a model: provider and name that it reports in service, such as "acme/large-2". Compared with what the AI system is seen to be served by.',
      }),
    ),
    source: optional(url('Source')),
    licence: optional(text('Licence', { max: 120 })),
    rights: optional(longText('Rights and limits of use', { max: 4000 })),
    provenance: optional(longText('Where it comes from, and how it was prepared', { max: 8000 })),
    quality: optional(longText('Quality: what was checked, and the result', { max: 8000 })),
    notes: optional(immaterial(longText('Notes'))),
  },
  links: {
    systems: link('aiSystem', { label: 'Used in', inverse: 'components', material: false }),
    derivedFrom: link('component', {
      acyclic: true,
      label: 'Derived from',
      inverse: 'derivatives',
      inverseLabel: 'Derived from it',
    }),
    supplier: link('supplier', { label: 'Vendor (supplier)', inverse: 'components', max: 1 }),
  },
  workflow: {
    states: ['current', 'retired'],
    transitions: {
      retire: {
        from: 'current',
        to: 'retired',
        by: ['author', 'systems.owner', 'aimsManager'],
        reason: true,
      },
      reinstate: { from: 'retired', to: 'current', by: ['systems.owner', 'aimsManager'] },
    },
    locked: ['retired'],
    ended: ['retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'systems.owner', 'aimsManager'] },
  columns: ['name', 'kind', 'componentVersion', 'digest', 'systems', 'supplier', 'state', 'updatedAt'],
  whoLabels: { 'systems.owner': 'the owner of an AI system that uses it' },
});
