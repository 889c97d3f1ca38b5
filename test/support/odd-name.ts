import fc from 'fast-check';

/** Names that a person might give, and that YAML would take for something else. */
export const oddName = fc
  .oneof(
    fc.constantFrom('yes', '0x1f', '~', '- a', 'a: b', '# c', '"', "it's", 'null', '1e3', '{}'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  )
  .map((text) => text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim())
  .filter((text) => text !== '');
