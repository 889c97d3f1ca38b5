/** What somebody has answered to `init`. */
import { permittedOn } from '../../src/doctor/needs.js';
import type { Starter } from '../../src/starter/files.js';

const permitted = permittedOn('datatable');
export const STARTER: Starter = {
  owner: 'github.com/acme/routing',
  environment: 'prod',
  host: 'mypurecloud.ie',
  packageSpec: '0.1.0',
  workflowPrefix: 'strategos-',
  branch: 'main',
  below: '',
  codeowners: true,
  permissions: { ...permitted, kinds: permitted.kinds.filter(({ kind }) => kind === 'Skill') },
  schemas: [
    { file: 'definitions.json', text: '{}\n' },
    { file: 'environment.schema.json', text: '{}\n' },
    { file: 'overlay.schema.json', text: '{}\n' },
    { file: 'routing-strategy.schema.json', text: '{}\n' },
  ],
};
