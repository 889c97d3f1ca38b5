/** `strategos ci drift`: one issue an environment, open for as long as it has drifted. */
import { exitOf, refusedOr } from '../../../core/outcome.js';
import { EXIT, type ExitCode } from '../../../core/errors.js';
import type { Reader } from '../../../engine/ports.js';
import { closeIssue, openIssues, tellDrift, type OpenIssue } from '../../../github/drift-issue.js';
import { cut, SUMMARY_BYTES } from '../../../render/budget.js';
import { driftIssue, driftOver, driftTitle, driftToldIn } from '../../../render/drift-issue.js';
import type { DriftReport } from '../../../render/drift.js';
import { driftMarkdown } from '../../../render/markdown.js';
import { isMarked, laterWriter, markedFor, markerIn } from '../../../render/marker.js';
import { driftText } from '../../../render/text.js';
import type { CiDriftOptions, CiOptions } from '../../options.js';
import { inSession, type SessionRequest } from '../../session.js';
import type { World } from '../../world.js';
import { driftReport, driftState } from '../drift.js';
import { folderOf, inText, reporting, runnerOf, writerOf } from './report.js';
import { gitHubOf } from './reviewed.js';

/** Output: `drift`, true or false. Exit 0 also for drift: the issue is what tells of it. */
export async function ciDrift(
  options: CiOptions & CiDriftOptions,
  world: World,
): Promise<ExitCode> {
  const runner = runnerOf(world);
  const request: SessionRequest<Reader> = {
    command: 'drift',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  const environment = options.env ?? options.dir;
  const about = { environment, otherwise: 'the look for drift failed', runner, world };
  return reporting(about, async () =>
    inSession(request, inText(options), world, async (session) => {
      const report = await driftReport(session, options, world);
      world.out(`${driftText(report, world.outStyle)}\n`);
      runner.output('drift', String(report.drifts.length > 0));
      await runner.summarise(cut(driftMarkdown(report), SUMMARY_BYTES));
      const told = await tell(report, session.run.context.run, options, world);
      world.out(`${told}\n`);
      const { plan } = report;
      const exitCode = refusedOr(plan, exitOf(plan, EXIT.done));
      return { exitCode, state: driftState(report), plan, outcomes: [] };
    }),
  );
}

/** Opens, updates or closes the issue; says which. */
async function tell(
  report: DriftReport,
  run: string,
  options: CiOptions & CiDriftOptions,
  world: World,
): Promise<string> {
  const { applyWorkflow } = options;
  const github = gitHubOf(world);
  const { name } = report.plan.environment;
  const folder = folderOf(options, world);
  const all = await openIssues(github, options.author, (one) => isAbout(one, name));
  const [existing = null, ...others] = markedFor('drift', folder, all);
  const later = laterWriter(markerIn('drift', existing?.body ?? ''), writerOf(world));
  if (existing !== null && later !== null) {
    return (
      `issue ${existing.number}: left as it is: the later workflow run ${later} wrote it; start ` +
      'the workflow anew for a new look'
    );
  }
  // A request whose answer was lost may have been sent twice.
  for (const { number, body } of others) {
    const isSame = markerIn('drift', body)?.['folder'] === folder;
    if (existing !== null && isSame) {
      await closeIssue(github, number, driftToldIn(existing.number));
    }
  }
  const runUrl = world.workflow?.url ?? null;
  if (report.drifts.length > 0 || report.plan.blocked !== undefined) {
    const news = { report, runUrl, run, applyWorkflow, folder, writer: writerOf(world) };
    const number = await tellDrift(github, existing, driftIssue(news));
    return `issue ${number}: ${existing === null ? 'opened' : 'brought up to date'}`;
  }
  if (existing === null) return 'no issue is open, and none is needed';
  // What was not compared may have drifted: then nobody can say that it is over.
  if (report.plan.counts.foreign !== undefined) return `issue ${existing.number}: left open`;
  await closeIssue(github, existing.number, driftOver(runUrl));
  return `issue ${existing.number}: closed`;
}

/** One whose marker somebody has broken is known by its title: another would stay open for ever. */
function isAbout({ title, body }: OpenIssue, environment: string): boolean {
  const marker = markerIn('drift', body);
  if (marker !== null) return marker['environment'] === environment;
  return isMarked('drift', body) && title.startsWith(driftTitle(environment));
}
