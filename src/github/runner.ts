/**
 * The runner of GitHub Actions: annotations, outputs, the summary of a job. The one file that knows
 * @actions/core, which escapes what it writes. Elsewhere the summary goes to the terminal.
 */
import * as core from '@actions/core';
import { InvalidInput } from '../core/errors.js';
import type { Issue } from '../core/issue.js';
import { visible } from '../core/visible.js';
import type { Variables } from '../core/workflow.js';

export type NoteLevel = 'error' | 'warning' | 'notice';

/** A line that GitHub shows beside a file, or, without a place, at the top of the run. */
export interface Note {
  readonly level: NoteLevel;
  readonly title: string;
  readonly message: string;
  /** `file` is relative to the repository's folder. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | null;
}

export interface Runner {
  annotate(note: Note): void;
  /** Sets an output of the step. */
  output(name: string, value: string): void;
  /** Adds Markdown, at most 1 MiB a step, to the summary of the job. */
  summarise(markdown: string): Promise<void>;
}

/** `print` is where the summary goes when there is no runner. */
export function openRunner(env: Variables, print: (text: string) => void): Runner {
  return {
    annotate(note) {
      if (env['GITHUB_ACTIONS'] !== 'true') return;
      core[note.level](visible(note.message), placed(note));
    },
    output(name, value) {
      const file = env['GITHUB_OUTPUT'];
      if (!file) return;
      try {
        core.setOutput(name, value);
      } catch (cause) {
        throw noFile('GITHUB_OUTPUT', file, cause);
      }
    },
    async summarise(markdown) {
      const file = env['GITHUB_STEP_SUMMARY'];
      if (!file) {
        print(markdown);
        return;
      }
      await core.summary
        .addRaw(markdown, true)
        .write()
        .catch((cause: unknown) => {
          throw noFile('GITHUB_STEP_SUMMARY', file, cause);
        });
    },
  };
}

/** The runner makes these files; a container, or a variable of another job, may hide them. */
function noFile(variable: string, file: string, cause: unknown): InvalidInput {
  const message = `${file}, which ${variable} names, is not there or cannot be written`;
  const hint = `let the step see the files of its runner, or unset ${variable}`;
  return new InvalidInput(message, [], { hint, cause });
}

function placed({ title, at }: Note): core.AnnotationProperties {
  if (at === null) return { title };
  return { title, file: at.file, startLine: at.line, startColumn: at.column };
}

/** An issue at its manifest line. `fileOf` makes a path relative to the repository. */
export function noteOf(issue: Issue, fileOf: (file: string) => string): Note {
  const { severity, code, at, message, hint } = issue;
  return {
    level: severity,
    title: code,
    message: hint === undefined ? message : `${message} → ${hint}`,
    at: at === null ? null : { ...at, file: fileOf(at.file) },
  };
}
