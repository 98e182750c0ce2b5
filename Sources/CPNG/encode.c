#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpng.h"
#include "failure.h"

/// What must be released whether encoding ends well or by a jump, and the bytes written so far.
typedef struct {
  png_structp png;
  png_infop info;
  cpng_failure failure;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} encoder;

static void put_bytes(png_structp png, png_bytep source, size_t count) {
  encoder *encoder = png_get_io_ptr(png);
  if (encoder->count + count > encoder->capacity) {
    size_t capacity = (encoder->count + count) * 2;
    uint8_t *bytes = realloc(encoder->bytes, capacity);
    if (!bytes) png_error(png, "no memory for the encoded image");
    encoder->bytes = bytes;
    encoder->capacity = capacity;
  }
  memcpy(encoder->bytes + encoder->count, source, count);
  encoder->count += count;
}

/// libpng asks for a flush callback; memory needs none.
static void flush(png_structp png) { (void)png; }

static int create_encoder(encoder *encoder, char *message) {
  memset(encoder, 0, sizeof *encoder);
  encoder->failure.message = message;
  encoder->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder->failure, cpng_leave, cpng_ignore);
  if (encoder->png) encoder->info = png_create_info_struct(encoder->png);
  if (encoder->info) return 0;
  png_destroy_write_struct(&encoder->png, &encoder->info);
  snprintf(message, CPNG_MESSAGE_SIZE, "no memory for a PNG encoder");
  return -1;
}

static void write_image(encoder *encoder, const uint8_t *pixels, int width, int height, int channels) {
  png_set_write_fn(encoder->png, encoder, put_bytes, flush);
  int color = channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
  png_set_IHDR(
    encoder->png, encoder->info, (png_uint_32)width, (png_uint_32)height, 8, color, PNG_INTERLACE_NONE,
    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(encoder->png, encoder->info);
  if (channels == 3) png_set_bgr(encoder->png);
  size_t stride = (size_t)width * (size_t)channels;
  for (int y = 0; y < height; y++) png_write_row(encoder->png, pixels + stride * (size_t)y);
  png_write_end(encoder->png, NULL);
}

int cpng_encode(
  const uint8_t *pixels, int width, int height, int channels, uint8_t **encoded, size_t *encoded_count, char *message) {
  encoder encoder;
  if (create_encoder(&encoder, message) != 0) return -1;
  if (setjmp(encoder.failure.back)) {
    png_destroy_write_struct(&encoder.png, &encoder.info);
    free(encoder.bytes);
    return -1;
  }
  write_image(&encoder, pixels, width, height, channels);
  png_destroy_write_struct(&encoder.png, &encoder.info);
  *encoded = encoder.bytes;
  *encoded_count = encoder.count;
  return 0;
}
