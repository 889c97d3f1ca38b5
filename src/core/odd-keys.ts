/** Keys of rows by the characters that a hop on the way to the platform might not let pass. */
export const KEY_KINDS = {
  unreserved: /[.~]/,
  slash: /\//,
  percent: /%/,
  hash: /#/,
  question: /\?/,
  semicolon: /;/,
  backslash: /\\/,
  blank: / /,
  plus: /\+/,
  unicode: /[^\0-\x7f]/,
} as const;
