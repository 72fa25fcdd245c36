/**
 * The bytes in an ArrayBuffer of their own, so that moving it to another thread takes nobody else's bytes along.
 * Copies only when the bytes are a part of something larger (a pooled Buffer) or shared.
 */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = bytes.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
