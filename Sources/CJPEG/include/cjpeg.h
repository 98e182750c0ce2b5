#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

/// Room for a message, its final zero included.
#define CJPEG_MESSAGE_SIZE 256

/// What the first bytes of a JPEG file claim, before any pixel is decoded.
typedef struct {
  int width;
  int height;
  /// Colour components stored: 1 gray, 3 colour, 4 CMYK or YCCK.
  int components;
  /// Exif orientation, 1 (upright) to 8; 1 when the file has none.
  int orientation;
} cjpeg_header;

/// Every function returns 0, or -1 with `message` filled in. libjpeg's own error exit never leaves the C code.

int cjpeg_read_header(const uint8_t *bytes, size_t count, cjpeg_header *header, char *message);

/// Decodes to rows of `channels` bytes a pixel: 1 luma, 3 blue, green, red.
/// `capacity` must be width * height * channels of the header.
int cjpeg_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message);

/// Encodes gray (1 channel) or blue, green, red (3 channels); the caller frees `*encoded` with free().
int cjpeg_encode(
  const uint8_t *pixels, int width, int height, int channels, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message);

#endif
