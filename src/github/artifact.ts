/** One file out of the artifact of another workflow run. From outside: trust none of it. */
import { unzipSync } from 'fflate';
import { asked, expected, type GitHub } from './api.js';

/** As much as a plan of 10,000 strategies takes; more is not unpacked. */
const MAX_BYTES = 64 * 1024 * 1024;
const PERMISSION = 'actions: read';

/**
 * The text of the first file in the artifact `name` of a workflow run whose path ends in `/file`;
 * `null` where the artifact is gone, or has no such file of a bearable size.
 */
export async function fileInArtifact(
  github: GitHub,
  of: { readonly runId: string; readonly name: string; readonly file: string },
): Promise<string | null> {
  const { rest, owner, repo } = github;
  const { data } = await asked(github, 'list the artifacts', PERMISSION, async () =>
    rest.rest.actions.listWorkflowRunArtifacts({
      owner,
      repo,
      run_id: Number(of.runId),
      name: of.name,
      per_page: 100,
    }),
  );
  const { artifacts } = expected('list the artifacts', data, ({ artifacts: all }) =>
    Array.isArray(all),
  );
  const found = artifacts.find(({ name, expired }) => name === of.name && !expired);
  return found === undefined ? null : unpacked(github, found, of.file);
}

/** The same, of whichever workflow run: the first of that name, which is nobody's imitation. */
export async function fileInArtifactOf(
  github: GitHub,
  of: { readonly name: string; readonly file: string },
): Promise<string | null> {
  const { rest, owner, repo } = github;
  const { data } = await asked(github, 'look for an artifact', PERMISSION, async () =>
    rest.rest.actions.listArtifactsForRepo({ owner, repo, name: of.name, per_page: 100 }),
  );
  const { artifacts } = expected('look for an artifact', data, ({ artifacts: all }) =>
    Array.isArray(all),
  );
  const [first] = artifacts
    .filter(({ name }) => name === of.name)
    .sort((one, other) => one.id - other.id);
  return first === undefined || first.expired ? null : unpacked(github, first, of.file);
}

async function unpacked(
  github: GitHub,
  found: { readonly id: number; readonly size_in_bytes: number },
  file: string,
): Promise<string | null> {
  if (found.size_in_bytes > MAX_BYTES) return null;
  const { rest, owner, repo } = github;
  const answer = await asked(github, 'download the artifact', PERMISSION, async () =>
    rest.rest.actions.downloadArtifact({
      owner,
      repo,
      artifact_id: found.id,
      archive_format: 'zip',
    }),
  );
  return textIn(new Uint8Array(answer.data as ArrayBuffer), file);
}

function textIn(zip: Uint8Array, file: string): string | null {
  let files;
  try {
    files = unzipSync(zip, {
      filter: ({ name, originalSize }) =>
        (name === file || name.endsWith(`/${file}`)) && originalSize <= MAX_BYTES,
    });
  } catch {
    return null;
  }
  const [bytes] = Object.values(files);
  return bytes === undefined ? null : new TextDecoder().decode(bytes);
}
