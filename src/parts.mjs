/**
 * What of the packages goes into `dist/`, and into which file of it. A start reads and unpacks every
 * byte of its file, used or not, and a package does when it is loaded what few commands need.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GENERATED = path.join(ROOT, 'src', 'generated');
const SDK = 'purecloud-platform-client-v2';
const SDK_FOLDER = path.join(ROOT, 'node_modules', SDK, 'src', SDK);

/** The one file of ours that knows the SDK. */
const sdkText = () => readFileSync(path.join(ROOT, 'src', 'genesys', 'sdk.ts'), 'utf8');

/** The exports of the SDK that the one file which knows it names. */
export function sdkClasses() {
  const names = [...sdkText().matchAll(/\bplatformClient\.(\w+)/g)].map(([, name]) => name);
  // Types alone: nothing of them is left at run time.
  return [...new Set(names)].filter((name) => name !== 'Models').sort();
}

function moduleOf(name) {
  if (name === 'ApiClientClass') return 'ApiClient.js';
  return name.endsWith('Api') ? `api/${name}.js` : `${name}.js`;
}

/**
 * The SDK has a class for every part of the platform, with a method for each of its requests, and
 * loads all of them. What `genesys/sdk.ts` names is taken from the SDK's own modules; a test says
 * that the package exports each of them.
 */
const sdkInUse = {
  name: 'sdk-in-use',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${SDK}$`) }, () => ({ path: SDK, namespace: SDK }));
    onLoad({ filter: /.*/, namespace: SDK }, () => {
      const names = sdkClasses();
      const imports = names.map((name) => `import ${name} from './${moduleOf(name)}';`);
      return {
        contents: `${imports.join('\n')}\nexport default { ${names.join(', ')} };\n`,
        resolveDir: SDK_FOLDER,
      };
    });
    const words = new Set(sdkText().match(/\w+/g));
    onLoad({ filter: new RegExp(`${SDK}/src/${SDK}/api/\\w+Api\\.js$`) }, ({ path: file }) => ({
      contents: methodsIn(readFileSync(file, 'utf8'), words),
    }));
  },
};

/** A method of the SDK's classes, which are generated: from its name to the brace that ends it. */
const METHOD = /^\t(\w+)\([^\n]*\{ ?\n[^]*?^\t\}\n/gm;

/** Those that are named, and the constructor. */
function methodsIn(text, names) {
  const isKept = (name) => name === 'constructor' || names.has(name);
  return text.replace(METHOD, (method, name) => (isKept(name) ? method : ''));
}

/** Packages that few commands need, or none, and that take long to load: when they are needed. */
const WHEN_CALLED = {
  'string-width': "export default (...given) => require('string-width').default(...given);",
  'wrap-ansi': "export default (...given) => require('wrap-ansi').default(...given);",
  // Of both the recurrences of schedules, and nothing else, ask.
  rrule: `module.exports = {
    get RRule() { return require('rrule').RRule; },
    get datetime() { return require('rrule').datetime; },
  };`,
  'form-data': `module.exports = function (given) {
    const found = require('form-data');
    return new (found.default ?? found)(given);
  };`,
  'follow-redirects': `module.exports = {
    get http() { return require('follow-redirects').http; },
    get https() { return require('follow-redirects').https; },
  };`,
  // Where the environment names a proxy.
  'https-proxy-agent': `module.exports = class {
    constructor(given) { return new (require('https-proxy-agent'))(given); }
    static [Symbol.hasInstance](one) { return one instanceof require('https-proxy-agent'); }
  };`,
  // Of the requests of axios none goes out as HTTP/2, if nobody says so.
  http2: `module.exports = {
    get connect() { return require('node:http2').connect; },
    get constants() { return require('node:http2').constants; },
  };`,
  // commander starts commands that are files of their own; there are none.
  'node:child_process': `module.exports = {
    get spawn() { return process.getBuiltinModule('node:child_process').spawn; },
  };`,
};
// Of Node's own what a start only names.
const NAMED = {
  'node:os': ['homedir', 'hostname', 'tmpdir', 'userInfo'],
  'node:timers/promises': ['setTimeout'],
};
for (const [name, functions] of Object.entries(NAMED)) {
  const getters = functions.map(
    (one) => `get ${one}() { return process.getBuiltinModule('${name}').${one}; }`,
  );
  WHEN_CALLED[name] = `module.exports = { ${getters.join(', ')} };`;
}
for (const name of ['manifest', 'plan']) {
  // What is wrong with a value is told where one is wrong.
  WHEN_CALLED[`./${name}-errors.js`] = `module.exports = {
    get errorAt() { return require('./${name}-errors.js').errorAt; },
  };`;
}
/** Whom they are for, where it is not for everybody. */
const FOR = { http2: /axios/, 'node:child_process': /commander/ };

const loadedWhenCalled = {
  name: 'loaded-when-called',
  setup({ onResolve, onLoad }) {
    const namespace = 'when-called';
    const names = Object.keys(WHEN_CALLED).join('|').replaceAll('.', '\\.');
    onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path: name, importer, namespace: of }) =>
      of !== namespace && (FOR[name]?.test(importer) ?? true)
        ? { path: name, namespace }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace }, ({ path: name }) => ({
      contents: WHEN_CALLED[name],
      resolveDir: GENERATED,
    }));
  },
};

/**
 * The SDK makes a logger when it is loaded, and `genesys/sdk.ts` keeps every line from it: the
 * package for that, and the nine that it brings along, would be loaded for nothing.
 */
const SILENT = `
const nothing = () => undefined;
class Nowhere {}
module.exports = {
  createLogger: () => ({ add: nothing, log: nothing, transports: [] }),
  transports: { Console: Nowhere, File: Nowhere },
  format: Object.assign(() => nothing, { combine: nothing, simple: nothing, json: nothing }),
};
`;

/** What packages do for nothing that is ours, by the end of the file that does it. */
const REPLACED = {
  // Where it looks at `fetch` and its classes, Node loads 200 KB.
  'axios/lib/utils.js': [
    ["typeof G.FormData !== 'undefined' ? G.FormData : undefined", 'undefined'],
  ],
  // It is asked for where Node's own way to send a request is not to be had.
  'axios/lib/adapters/fetch.js': [
    [/^[^]*$/, 'export const getFetch = () => null;\nexport default null;\n'],
  ],
  // Of requests that follow where they are sent on: ours do not.
  'axios/lib/adapters/http.js': [
    ['const { http: httpFollow, https: httpsFollow } = followRedirects;', ''],
    ['httpsFollow : httpFollow', 'followRedirects.https : followRedirects.http'],
  ],
  // Of each node of a text what it is, and its schema, is kept from who lists its properties, which
  // nothing does; to define them costs a tenth of parsing.
  'yaml/browser/dist/nodes/Node.js': [
    ['Object.defineProperty(this, NODE_TYPE, { value: type });', 'this[NODE_TYPE] = type;'],
  ],
  'yaml/browser/dist/nodes/Pair.js': [
    ['Object.defineProperty(this, NODE_TYPE, { value: PAIR });', 'this[NODE_TYPE] = PAIR;'],
  ],
  'yaml/browser/dist/nodes/Collection.js': [
    [/Object\.defineProperty\(this, 'schema', \{[^}]*\}\);/, 'this.schema = schema;'],
  ],
};

const withoutIdleWork = {
  name: 'without-idle-work',
  setup({ onResolve, onLoad }) {
    const namespace = 'silent';
    onResolve({ filter: /^winston$/ }, ({ path: name }) => ({ path: name, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({ contents: SILENT }));
    for (const [file, pairs] of Object.entries(REPLACED)) {
      onLoad({ filter: new RegExp(`/${file}$`) }, ({ path: full }) => ({
        contents: pairs.reduce(replacedIn, readFileSync(full, 'utf8')),
      }));
    }
  },
};

function replacedIn(text, [was, is]) {
  const after = text.replace(was, is);
  if (after === text) throw new Error(`in place of ${was} there is something else by now`);
  return after;
}

/** For everything that is made of sources of ours. */
export const PACKAGES = [sdkInUse, loadedWhenCalled, withoutIdleWork];

/**
 * What few commands load, in a file of its own each: by the name of the file, what is in it. All of it
 * is imported late, or by what is; and imports nothing that the command line has as well.
 */
const APART = {
  'part:runner': ['@actions/core'],
  'part:github': ['@octokit/rest', '@octokit/plugin-retry'],
  // What a form would be sent with: we send none.
  'part:forms': ['form-data'],
  'part:errors': ['./manifest-errors.js', './plan-errors.js'],
  'part:simulated': ['doctor-report', 'org', 'faults'].map(
    (name) => `../generated/${name}-validator.js`,
  ),
};

/** In the place of what is apart: a look into its file, which the launcher loads. */
const apart = {
  name: 'apart',
  setup({ onResolve, onLoad }) {
    const namespace = 'apart';
    for (const [part, names] of Object.entries(APART)) {
      onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path: name }) => ({
        path: name,
        namespace,
        pluginData: part,
      }));
    }
    onResolve({ filter: /^part:/ }, ({ path: name }) => ({ path: name, external: true }));
    onLoad({ filter: /.*/, namespace }, ({ path: name, pluginData: part }) => ({
      contents: `module.exports = require('${part}')[${JSON.stringify(name)}];`,
    }));
  },
};

/** Of the commands only this one; the launcher takes the file for nothing else. */
function withCommand(name) {
  const only = `./commands/${name}.js`;
  return {
    name: 'with-command',
    setup({ onResolve, onLoad }) {
      const namespace = 'left-out';
      onResolve({ filter: /^\.\/commands\// }, ({ path: file, kind }) =>
        kind === 'dynamic-import' && file !== only ? { path: file, namespace } : undefined,
      );
      onLoad({ filter: /.*/, namespace }, ({ path: file }) => ({
        contents: `throw new Error(${JSON.stringify(`${file} is not in this file`)});`,
      }));
    },
  };
}

/** By the name of each file of the command line, what esbuild makes it of. */
export const PARTS = {
  // Checks are what editors and hooks start, and two fifths of what a plan needs.
  check: {
    entryPoints: ['src/cli/main.ts'],
    plugins: [...PACKAGES, apart, withCommand('validate')],
  },
  all: { entryPoints: ['src/cli/main.ts'], plugins: [...PACKAGES, apart] },
  ...Object.fromEntries(
    Object.entries(APART).map(([part, names]) => [
      part,
      {
        stdin: {
          contents: names.map(exported).join('\n'),
          resolveDir: GENERATED,
        },
        plugins: PACKAGES,
      },
    ]),
  ),
};

/** Under its own name, whole. */
function exported(name, at) {
  const text = JSON.stringify(name);
  return `import * as _${at} from ${text};\nexport { _${at} as ${text} };`;
}
