/* A zip file without compression: what a handful of notebooks needs, and no more. */

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/** Numbers of two or four bytes, the lowest byte first. */
function numbers(...pairs) {
  return pairs.flatMap(([size, value]) =>
    Array.from({ length: size }, (_, n) => Math.floor(value / 256 ** n) & 0xff),
  );
}

function dosTime(date) {
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  return [[2, time], [2, day]];
}

/** The bytes of a zip file of `[[name, text], ...]`. */
export function zip(entries, date = new Date()) {
  const encoder = new TextEncoder();
  const files = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const path = encoder.encode(name);
    const data = encoder.encode(text);
    // version, names in UTF-8, not compressed, date, checksum, sizes, length of the name
    const facts = numbers(
      [2, 20], [2, 0x800], [2, 0], ...dosTime(date), [4, crc32(data)],
      [4, data.length], [4, data.length], [2, path.length], [2, 0],
    );
    files.push(Uint8Array.from([...numbers([4, 0x04034b50]), ...facts]), path, data);
    directory.push(
      Uint8Array.from([
        ...numbers([4, 0x02014b50], [2, 20]), ...facts,
        ...numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      ]),
      path,
    );
    offset += 30 + path.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = Uint8Array.from(
    numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]),
  );
  return new Blob([...files, ...directory, end]);
}
