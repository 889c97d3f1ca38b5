/** Permissions of the clients that a repository tells to make, as the platform names them. */
export interface Permissions {
  /** Of the client that reads, for strategies. */
  readonly reads: readonly string[];
  /** Of the client that writes, beside these. */
  readonly writes: readonly string[];
  /** Where manifests declare objects of a kind beside strategies. */
  readonly kinds: readonly KindPermissions[];
}

export interface KindPermissions {
  readonly kind: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}
