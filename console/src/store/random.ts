// Random names. `crypto.randomUUID` is missing where a page came over plain HTTP.

/** So many bytes of randomness in hexadecimal digits. */
export function randomHex(bytes = 16): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
