/**
 * Files that come with the package: schemas, the worked example, its own description. The command
 * line is one file in `dist/cli/`, and its source is in `src/cli/`: both are as far from the top.
 */
export function packageFile(file: string): URL {
  return new URL(`../../${file}`, import.meta.url);
}
