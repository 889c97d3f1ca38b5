/**
 * What a manifest may name. Whoever can open a pull request can write one, so that a manifest alone
 * must not decide which variable of a workflow is sent as a credential, nor where to. What goes
 * beyond the rules is listed outside of git, by whoever runs the tool.
 */

/** Listed in `STRATEGOS_ALLOW_ENV` and `STRATEGOS_ALLOW_HOSTS`. */
export interface Allowed {
  readonly variables: ReadonlySet<string>;
  /** In lower case: `gateway.example.com`, or with a port. */
  readonly hosts: ReadonlySet<string>;
}

export const NOTHING_MORE: Allowed = { variables: new Set(), hosts: new Set() };

const ALLOW_ENV = 'STRATEGOS_ALLOW_ENV';
export const ALLOW_HOSTS = 'STRATEGOS_ALLOW_HOSTS';

/** Names apart by commas or blanks. */
export function allowedBy(env: Readonly<Record<string, string | undefined>>): Allowed {
  const listed = (name: string): string[] =>
    (env[name] ?? '').split(/[\s,;]+/).filter((one) => one !== '');
  return {
    variables: new Set(listed(ALLOW_ENV)),
    hosts: new Set(listed(ALLOW_HOSTS).map((one) => hostText(one))),
  };
}

/** An entry may be written as an address. */
function hostText(entry: string): string {
  return entry.includes('://') && URL.canParse(entry) ? new URL(entry).host : entry.toLowerCase();
}

/** Names a secret, and the id of a client is none: it is shown. */
const SECRET_NAME = /SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE|KEY$/;

export interface VariableProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * What keeps the manifest's key from naming that variable; `null` where it may. The name is not
 * repeated: it may be the secret itself.
 */
export function variableProblem(
  key: string,
  variable: string,
  { variables }: Allowed,
): VariableProblem | null {
  const prefixes = key === 'secretEnv' ? ['WFM_', 'GENESYS_'] : ['GENESYS_'];
  if (key === 'clientIdEnv' && SECRET_NAME.test(variable)) {
    const message = 'the variable is called a secret, and the id of a client is shown and logged';
    return { message, hint: 'name the variable that holds the id, such as GENESYS_CLIENT_ID' };
  }
  const known = prefixes.some((one) => variable.startsWith(one) && variable !== one);
  if (known || variables.has(variable)) return null;
  const may = prefixes.join(' or ');
  return {
    message: `a manifest may name no variable here but those that begin with ${may}`,
    hint: `call it ${prefixes[0] ?? ''}…, or list it in ${ALLOW_ENV}, outside of git`,
  };
}
