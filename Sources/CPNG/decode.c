#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpng.h"
#include "failure.h"

/// Ancillary chunks (colour profiles, text) may decompress to this many bytes and no more.
enum { MAXIMUM_CHUNK_BYTES = 1 << 23, MAXIMUM_CHUNKS = 64 };

/// What must be released whether decoding ends well or by a jump, and where the next byte comes from.
typedef struct {
  png_structp png;
  png_infop info;
  cpng_failure failure;
  png_bytep *rows;
  const uint8_t *next;
  size_t left;
} decoder;

static void take_bytes(png_structp png, png_bytep target, size_t count) {
  decoder *decoder = png_get_io_ptr(png);
  if (count > decoder->left) png_error(png, "the data ends early");
  memcpy(target, decoder->next, count);
  decoder->next += count;
  decoder->left -= count;
}

static void close_decoder(decoder *decoder) {
  png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
  free(decoder->rows);
}

static int create_decoder(decoder *decoder, const uint8_t *bytes, size_t count, char *message) {
  memset(decoder, 0, sizeof *decoder);
  decoder->failure.message = message;
  decoder->next = bytes;
  decoder->left = count;
  decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->failure, cpng_leave, cpng_ignore);
  if (decoder->png) decoder->info = png_create_info_struct(decoder->png);
  if (decoder->info) return 0;
  close_decoder(decoder);
  snprintf(message, CPNG_MESSAGE_SIZE, "no memory for a PNG decoder");
  return -1;
}

static void read_info(decoder *decoder) {
  png_set_read_fn(decoder->png, decoder, take_bytes);
  png_set_chunk_malloc_max(decoder->png, MAXIMUM_CHUNK_BYTES);
  png_set_chunk_cache_max(decoder->png, MAXIMUM_CHUNKS);
  png_read_info(decoder->png, decoder->info);
}

int cpng_read_header(const uint8_t *bytes, size_t count, cpng_header *header, char *message) {
  decoder decoder;
  if (create_decoder(&decoder, bytes, count, message) != 0) return -1;
  if (setjmp(decoder.failure.back)) {
    close_decoder(&decoder);
    return -1;
  }
  read_info(&decoder);
  header->width = (int)png_get_image_width(decoder.png, decoder.info);
  header->height = (int)png_get_image_height(decoder.png, decoder.info);
  header->channels = png_get_color_type(decoder.png, decoder.info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  close_decoder(&decoder);
  return 0;
}

/// Asks libpng for 8-bit samples in `channels` channels, whatever the file holds.
static void request_layout(decoder *decoder, int channels) {
  png_structp png = decoder->png;
  int has_color = png_get_color_type(png, decoder->info) & PNG_COLOR_MASK_COLOR;
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  if (channels == 1 && has_color) png_set_rgb_to_gray_fixed(png, PNG_ERROR_ACTION_NONE, 29900, 58700);
  if (channels == 3 && !has_color) png_set_gray_to_rgb(png);
  if (channels == 3 && has_color) png_set_bgr(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder->info);
}

static void read_rows(decoder *decoder, int channels, uint8_t *pixels, size_t capacity) {
  size_t height = png_get_image_height(decoder->png, decoder->info);
  size_t stride = png_get_rowbytes(decoder->png, decoder->info);
  size_t expected = (size_t)png_get_image_width(decoder->png, decoder->info) * (size_t)channels;
  if (stride != expected || stride * height != capacity) png_error(decoder->png, "unexpected row size");
  decoder->rows = malloc(height * sizeof *decoder->rows);
  if (!decoder->rows) png_error(decoder->png, "no memory for the rows");
  for (size_t y = 0; y < height; y++) decoder->rows[y] = pixels + y * stride;
  png_read_image(decoder->png, decoder->rows);
}

int cpng_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message) {
  decoder decoder;
  if (create_decoder(&decoder, bytes, count, message) != 0) return -1;
  if (setjmp(decoder.failure.back)) {
    close_decoder(&decoder);
    return -1;
  }
  read_info(&decoder);
  request_layout(&decoder, channels);
  read_rows(&decoder, channels, pixels, capacity);
  png_read_end(decoder.png, NULL);
  close_decoder(&decoder);
  return 0;
}
