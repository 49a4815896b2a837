"""`shrink`: the same picture with a palette of 256 colours, a third of the size. Used by `take_screenshots.py` only.

The browser reads the pixels and chooses the colours, since it does so a hundred times faster than Python.
"""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

REDUCE = """
async (png) => {
  const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].map(([pixel, count]) => (
    {pixel, count, parts: [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255], far: Infinity, index: 0}
  ));
  // The next colour is the one that would be missed most: often seen and far from all chosen so far.
  const palette = [];
  let next = colours.reduce((most, colour) => (colour.count > most.count ? colour : most));
  while (next && palette.length < 256) {
    const [r, g, b] = next.parts;
    let most = 0;
    next = null;
    for (const colour of colours) {
      const far = 3 * (r - colour.parts[0]) ** 2 + 4 * (g - colour.parts[1]) ** 2 + 2 * (b - colour.parts[2]) ** 2;
      if (far < colour.far) [colour.far, colour.index] = [far, palette.length];
      if (colour.far * colour.count > most) [most, next] = [colour.far * colour.count, colour];
    }
    palette.push([r, g, b]);
  }
  const places = new Map(colours.map((colour) => [colour.pixel, colour.index]));
  let indexes = "";
  for (const pixel of pixels) indexes += String.fromCharCode(places.get(pixel));
  return {width: picture.width, height: picture.height, palette: palette.flat(), indexes: btoa(indexes)};
}
"""


def shrink(png: bytes, page: Page) -> bytes:
    """`page` is any blank page of a browser."""
    found = page.evaluate(REDUCE, base64.b64encode(png).decode())
    width, height = found["width"], found["height"]
    indexes = base64.b64decode(found["indexes"])
    rows = b"".join(b"\0" + indexes[start : start + width] for start in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", bytes(found["palette"])), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
