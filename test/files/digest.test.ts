/** The one hash of every digest. */
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/files/digest.js';

describe('sha256', () => {
  it.each([
    // FIPS 180-2.
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    // As sha256sum has it for the bytes in UTF-8.
    ['größe 🙂', '74f1c0137ae2aad57be1d2b3f8a079631caaa0a50406a7474dd1c9b8ca8983e5'],
  ])('of %j', (text, hex) => {
    expect(sha256(text)).toBe(`sha256:${hex}`);
  });
});
