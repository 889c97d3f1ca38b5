/** The one thing that we want to know of an ssh configuration: which host an alias stands for. */

/** `HostName` of `alias`; `null` where the text does not say. Conditions of `Match` are not met. */
export function hostNameIn(config: string, alias: string): string | null {
  let applies = true;
  for (const line of config.split(/\r?\n/)) {
    const [, keyword = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');
    switch (keyword.toLowerCase()) {
      case 'host':
        applies = isMatched(alias, words);
        break;
      case 'match':
        applies = words[0]?.toLowerCase() === 'all';
        break;
      case 'hostname':
        if (applies && words[0]) return words[0].replaceAll('%h', alias).replaceAll('%%', '%');
        break;
      default:
    }
  }
  return null;
}

/** One pattern has to match and none with `!` may. */
function isMatched(alias: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean => {
    const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*');
    return new RegExp(`^${text.replace(/\?/g, '.')}$`, 'i').test(alias);
  };
  const refused = patterns.some((one) => one.startsWith('!') && matches(one.slice(1)));
  return !refused && patterns.some((one) => !one.startsWith('!') && matches(one));
}
