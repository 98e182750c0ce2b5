#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

/// Room for a message, its final zero included.
#define CPNG_MESSAGE_SIZE 256

/// What a PNG file's header claims, before any pixel is decoded.
typedef struct {
  int width;
  int height;
  /// Colour channels, alpha not counted: 1 gray, 3 colour or palette.
  int channels;
} cpng_header;

/// Every function returns 0, or -1 with `message` filled in. libpng's own error exit never leaves the C code.

int cpng_read_header(const uint8_t *bytes, size_t count, cpng_header *header, char *message);

/// Decodes to rows of `channels` bytes a pixel: 1 luma, 3 blue, green, red; 16-bit samples keep their upper byte,
/// alpha is dropped. `capacity` must be width * height * channels of the header.
int cpng_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message);

/// Encodes gray (1 channel) or blue, green, red (3 channels); the caller frees `*encoded` with free().
int cpng_encode(
  const uint8_t *pixels, int width, int height, int channels, uint8_t **encoded, size_t *encoded_count, char *message);

#endif
