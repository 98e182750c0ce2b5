#ifndef CJPEG_ORIENTATION_H
#define CJPEG_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

/// The orientation tag in the payload of an APP1 segment; 1 when it holds none.
int cjpeg_exif_orientation(const uint8_t *segment, size_t count);

#endif
