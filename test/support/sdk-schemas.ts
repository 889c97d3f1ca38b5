/**
 * JSON Schemas and endpoints, derived from the SDK's own files: its typings say what a body is, its
 * sources say where that body goes. Nothing is type checked: both are generated code with a handful
 * of forms, and a form that is not known here is an error, not a guess.
 *
 * Only what `wanted` needs is derived: the SDK has some 3,300 endpoints and 6,000 models.
 */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** JSON Schema, draft 2020-12. */
export type Schema = Readonly<Record<string, unknown>>;

export interface EndpointName {
  readonly method: string;
  /** With parameters in braces; their names do not matter. */
  readonly pattern: string;
}

export interface Endpoint extends EndpointName {
  /** `ArchitectApi.postFlowsDatatables` */
  readonly call: string;
  /** The query parameters that the SDK's method can send. */
  readonly query: readonly string[];
  /** `null`: the method sends no body. */
  readonly request: { readonly required: boolean; readonly schema: Schema } | null;
  /** `null`: the method promises nothing, so that no body is answered. */
  readonly response: Schema | null;
}

export interface SdkSchemas {
  /** By `endpointKey`. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** By the name that the typings give them; refer to one another as `models#/$defs/<name>`. */
  readonly models: Readonly<Record<string, Schema>>;
}

/** `GET /api/v2/users/{}`: two patterns that differ in parameter names only have one key. */
export function endpointKey({ method, pattern }: EndpointName): string {
  return `${method} ${pattern.replace(/\{\w+\}/g, '{}')}`;
}

/** `models` is the id of a schema that has every model in its definitions. */
export function refTo(model: string): Schema {
  return { $ref: `models#/$defs/${model}` };
}

/**
 * Derives the `wanted` endpoints, as far as the SDK has them, and every model that they or `roots`
 * lead to. `folder` is that of the installed package.
 */
export function deriveSchemas(
  folder: URL,
  wanted: readonly EndpointName[],
  roots: readonly string[],
): SdkSchemas {
  const typings = readTypings(folder);
  const endpoints: Record<string, Endpoint> = {};
  for (const sent of sentIn(folder, wanted)) {
    // Some endpoints stand in two API classes, with the same method in both.
    endpoints[endpointKey(sent)] ??= endpointOf(sent, typings);
  }
  const models: Record<string, Schema> = {};
  const open = [...roots, ...modelsIn(endpoints)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in models) continue;
    const schema = modelSchema(name, typings);
    models[name] = schema;
    open.push(...modelsIn(schema));
  }
  return { endpoints, models };
}

/** What one method of an API class hands to `callApi`. */
interface Sent extends EndpointName {
  readonly api: string;
  readonly name: string;
  readonly query: readonly string[];
  /** The parameter or option that is the body. */
  readonly body: string | null;
}

function sentIn(folder: URL, wanted: readonly EndpointName[]): Sent[] {
  const keys = new Set(wanted.map(endpointKey));
  const sources = new URL('src/purecloud-platform-client-v2/api/', folder);
  return readdirSync(sources).flatMap((file) => {
    const text = readFileSync(new URL(file, sources), 'utf8');
    // Parsing all of them takes seconds; most have nothing that is wanted.
    const paths = [...text.matchAll(/callApi\(\s*'([^']+)',\s*'(\w+)'/g)];
    const isWanted = paths.some(([, pattern = '', method = '']) =>
      keys.has(endpointKey({ method, pattern })),
    );
    if (!isWanted) return [];
    return callsIn(file.replace(/\.js$/, ''), text).filter((sent) => keys.has(endpointKey(sent)));
  });
}

function callsIn(api: string, text: string): Sent[] {
  const source = ts.createSourceFile(`${api}.js`, text, ts.ScriptTarget.ES2023);
  const found: Sent[] = [];
  const visit = (node: ts.Node, name: string): void => {
    if (ts.isCallExpression(node) && isCallApi(node.expression)) {
      found.push(sentBy(api, name, node.arguments));
    } else {
      const within = ts.isMethodDeclaration(node) ? nameOf(node.name) : name;
      ts.forEachChild(node, (child) => visit(child, within));
    }
  };
  visit(source, '');
  return found;
}

function isCallApi(expression: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(expression) && expression.name.text === 'callApi';
}

/** The arguments are path, verb, path parameters, query, headers, form, body, and so on. */
function sentBy(api: string, name: string, given: readonly ts.Expression[]): Sent {
  const [path, verb, , query, , , body] = given;
  const isKnown =
    path !== undefined &&
    ts.isStringLiteral(path) &&
    verb !== undefined &&
    ts.isStringLiteral(verb);
  if (!isKnown || query === undefined || !ts.isObjectLiteralExpression(query)) {
    throw new Error(`${api}.${name} calls the API in a way that is not known here`);
  }
  return {
    api,
    name,
    method: verb.text,
    pattern: path.text,
    query: query.properties.map(({ name: key }) => (key === undefined ? '' : nameOf(key))),
    body: bodyName(body, `${api}.${name}`),
  };
}

/** `body`, `opts['body']` or `null`. */
function bodyName(body: ts.Expression | undefined, at: string): string | null {
  if (body?.kind === ts.SyntaxKind.NullKeyword) return null;
  if (body !== undefined && ts.isIdentifier(body)) return body.text;
  if (body !== undefined && ts.isElementAccessExpression(body)) {
    const { argumentExpression: key } = body;
    if (ts.isStringLiteral(key)) return key.text;
  }
  throw new Error(`${at} has a body that is not known here`);
}

interface Typings {
  readonly classes: ReadonlyMap<string, ts.ClassDeclaration>;
  /** By namespace and name: `Models.DataTable`, `ArchitectApi.getFlowsDatatablesOptions`. */
  readonly interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>;
}

function readTypings(folder: URL): Typings {
  const text = readFileSync(new URL('index.d.ts', folder), 'utf8');
  const source = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.ES2023, false);
  const classes = new Map<string, ts.ClassDeclaration>();
  const interfaces = new Map<string, ts.InterfaceDeclaration>();
  for (const statement of source.statements) {
    if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
      classes.set(statement.name.text, statement);
    }
    if (!ts.isModuleDeclaration(statement) || statement.body === undefined) continue;
    if (!ts.isModuleBlock(statement.body)) continue;
    for (const inner of statement.body.statements) {
      if (!ts.isInterfaceDeclaration(inner)) continue;
      interfaces.set(`${statement.name.text}.${inner.name.text}`, inner);
    }
  }
  return { classes, interfaces };
}

function endpointOf(sent: Sent, typings: Typings): Endpoint {
  const { api, name, method, pattern, query, body } = sent;
  const call = `${api}.${name}`;
  const declared = typings.classes
    .get(api)
    ?.members.find((member) => member.name !== undefined && nameOf(member.name) === name);
  if (declared === undefined || !ts.isMethodDeclaration(declared)) {
    throw new Error(`the typings have no ${call}`);
  }
  return {
    method,
    pattern,
    call,
    query,
    request: body === null ? null : requestOf(declared, body, call, typings),
    response: promised(declared.type, call),
  };
}

function requestOf(
  declared: ts.MethodDeclaration,
  body: string,
  call: string,
  { interfaces }: Typings,
): Endpoint['request'] {
  const parameter = declared.parameters.find(
    ({ name }) => ts.isIdentifier(name) && name.text === body,
  );
  if (parameter !== undefined) return { required: true, schema: schemaOf(parameter.type, call) };
  const option = interfaces
    .get(`${call}Options`)
    ?.members.find((member) => member.name !== undefined && nameOf(member.name) === body);
  if (option === undefined || !ts.isPropertySignature(option)) {
    throw new Error(`the typings of ${call} have no ${body}`);
  }
  return { required: false, schema: schemaOf(option.type, call) };
}

/** The schema of `T` in `Promise<T>`. */
function promised(type: ts.TypeNode | undefined, call: string): Schema | null {
  if (type === undefined || !ts.isTypeReferenceNode(type) || nameOf(type.typeName) !== 'Promise') {
    throw new Error(`${call} returns no promise`);
  }
  const answered = type.typeArguments?.[0];
  return answered?.kind === ts.SyntaxKind.VoidKeyword ? null : schemaOf(answered, call);
}

function modelSchema(name: string, { interfaces }: Typings): Schema {
  const declared = interfaces.get(`Models.${name}`);
  if (declared === undefined) throw new Error(`the typings have no model ${name}`);
  const members = declared.members.map((member) => {
    if (!ts.isPropertySignature(member)) throw new Error(`${name} has more than properties`);
    return {
      key: nameOf(member.name),
      isRequired: member.questionToken === undefined,
      schema: schemaOf(member.type, name),
    };
  });
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(({ key, schema }) => [key, schema])),
    required: members.filter(({ isRequired }) => isRequired).map(({ key }) => key),
    additionalProperties: false,
  };
}

/** Enums are strings in these typings, and dates too. Nothing is nullable. */
const PRIMITIVES: ReadonlyMap<ts.SyntaxKind, Schema> = new Map<ts.SyntaxKind, Schema>([
  [ts.SyntaxKind.StringKeyword, { type: 'string' }],
  [ts.SyntaxKind.NumberKeyword, { type: 'number' }],
  [ts.SyntaxKind.BooleanKeyword, { type: 'boolean' }],
  // In TypeScript, `object` is whatever is no primitive.
  [ts.SyntaxKind.ObjectKeyword, { type: ['object', 'array'] }],
  [ts.SyntaxKind.AnyKeyword, {}],
]);

function schemaOf(type: ts.TypeNode | undefined, at: string): Schema {
  const primitive = type === undefined ? undefined : PRIMITIVES.get(type.kind);
  if (primitive !== undefined) return primitive;
  if (type !== undefined && ts.isTypeLiteralNode(type)) {
    const [member, ...others] = type.members;
    if (member !== undefined && ts.isIndexSignatureDeclaration(member) && others.length === 0) {
      return { type: 'object', additionalProperties: schemaOf(member.type, at) };
    }
  }
  if (type !== undefined && ts.isTypeReferenceNode(type)) {
    const { typeName } = type;
    if (ts.isQualifiedName(typeName) && nameOf(typeName.left) === 'Models') {
      return refTo(typeName.right.text);
    }
    if (nameOf(typeName) === 'Array') {
      return { type: 'array', items: schemaOf(type.typeArguments?.[0], at) };
    }
  }
  throw new Error(`the typings of ${at} have a type that is not known here`);
}

/** The models that this schema refers to, at any depth. */
function modelsIn(schema: unknown): string[] {
  const refs = JSON.stringify(schema).matchAll(/"models#\/\$defs\/(\w+)"/g);
  return [...refs].map(([, name = '']) => name);
}

function nameOf(name: ts.PropertyName | ts.EntityName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}
