#include "orientation.h"

#include <string.h>

enum { EXIF_PREFIX = 6, TIFF_HEADER = 8, ENTRY_SIZE = 12, ORIENTATION_TAG = 0x0112, SHORT_TYPE = 3 };

typedef struct {
  const uint8_t *bytes;
  size_t count;
  int big_endian;
} tiff;

static unsigned read16(const tiff *file, size_t at) {
  const uint8_t *b = file->bytes + at;
  return file->big_endian ? (unsigned)b[0] << 8 | b[1] : (unsigned)b[1] << 8 | b[0];
}

static size_t read32(const tiff *file, size_t at) {
  size_t first = read16(file, at), second = read16(file, at + 2);
  return file->big_endian ? first << 16 | second : second << 16 | first;
}

static int orientation_in(const tiff *file) {
  size_t directory = read32(file, 4);
  if (directory > file->count - 2) return 1;
  size_t entries = read16(file, directory);
  for (size_t i = 0; i < entries; i++) {
    size_t at = directory + 2 + i * ENTRY_SIZE;
    if (at + ENTRY_SIZE > file->count) return 1;
    if (read16(file, at) != ORIENTATION_TAG || read16(file, at + 2) != SHORT_TYPE) continue;
    unsigned value = read16(file, at + 8);
    return value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}

int cjpeg_exif_orientation(const uint8_t *segment, size_t count) {
  if (count < EXIF_PREFIX + TIFF_HEADER || memcmp(segment, "Exif\0\0", EXIF_PREFIX) != 0) return 1;
  tiff file = {segment + EXIF_PREFIX, count - EXIF_PREFIX, 0};
  if (memcmp(file.bytes, "MM", 2) == 0) file.big_endian = 1;
  else if (memcmp(file.bytes, "II", 2) != 0) return 1;
  return orientation_in(&file);
}
