/** One file of a repository of manifests, as text. */
export interface StarterFile {
  /** From the folder of package and manifests, with forward slashes; `../` leads out of it. */
  readonly file: string;
  readonly text: string;
}
