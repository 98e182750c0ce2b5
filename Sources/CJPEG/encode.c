#include <stdlib.h>
#include <string.h>

#include "cjpeg.h"
#include "failure.h"

/// What must be released whether encoding ends well or by a jump.
typedef struct {
  struct jpeg_compress_struct codec;
  cjpeg_failure failure;
  unsigned char *bytes;
  unsigned long count;
} encoder;

static void write_image(encoder *encoder, const uint8_t *pixels, int channels) {
  struct jpeg_compress_struct *codec = &encoder->codec;
  size_t stride = (size_t)codec->image_width * (size_t)channels;
  jpeg_start_compress(codec, TRUE);
  while (codec->next_scanline < codec->image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + stride * codec->next_scanline);
    jpeg_write_scanlines(codec, &row, 1);
  }
  jpeg_finish_compress(codec);
}

int cjpeg_encode(
  const uint8_t *pixels, int width, int height, int channels, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message) {
  encoder encoder;
  memset(&encoder, 0, sizeof encoder);
  encoder.codec.err = cjpeg_failure_install(&encoder.failure, message);
  if (setjmp(encoder.failure.back)) {
    jpeg_destroy_compress(&encoder.codec);
    free(encoder.bytes);
    return -1;
  }
  jpeg_create_compress(&encoder.codec);
  jpeg_mem_dest(&encoder.codec, &encoder.bytes, &encoder.count);
  encoder.codec.image_width = (JDIMENSION)width;
  encoder.codec.image_height = (JDIMENSION)height;
  encoder.codec.input_components = channels;
  encoder.codec.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_set_defaults(&encoder.codec);
  jpeg_set_quality(&encoder.codec, quality, TRUE);
  write_image(&encoder, pixels, channels);
  jpeg_destroy_compress(&encoder.codec);
  *encoded = encoder.bytes;
  *encoded_count = encoder.count;
  return 0;
}
