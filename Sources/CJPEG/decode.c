#include <stdlib.h>
#include <string.h>

#include "cjpeg.h"
#include "failure.h"
#include "orientation.h"

/// A progressive file may hold any number of scans, each a pass over the whole image; real ones have about ten.
enum { MAXIMUM_SCANS = 500 };

/// What must be released whether decoding ends well or by a jump.
typedef struct {
  struct jpeg_decompress_struct codec;
  cjpeg_failure failure;
  struct jpeg_progress_mgr progress;
  uint8_t *row;
} decoder;

static void limit_scans(j_common_ptr codec) {
  if (((j_decompress_ptr)codec)->input_scan_number <= MAXIMUM_SCANS) return;
  cjpeg_failure *failure = (cjpeg_failure *)codec->err;
  snprintf(failure->message, CJPEG_MESSAGE_SIZE, "more than %d scans in a progressive file", MAXIMUM_SCANS);
  longjmp(failure->back, 1);
}

static void open_decoder(decoder *decoder, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&decoder->codec);
  jpeg_mem_src(&decoder->codec, bytes, (unsigned long)count);
  jpeg_save_markers(&decoder->codec, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&decoder->codec, TRUE);
}

static void close_decoder(decoder *decoder) {
  jpeg_destroy_decompress(&decoder->codec);
  free(decoder->row);
}

int cjpeg_read_header(const uint8_t *bytes, size_t count, cjpeg_header *header, char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.codec.err = cjpeg_failure_install(&decoder.failure, message);
  if (setjmp(decoder.failure.back)) {
    close_decoder(&decoder);
    return -1;
  }
  open_decoder(&decoder, bytes, count);
  header->width = (int)decoder.codec.image_width;
  header->height = (int)decoder.codec.image_height;
  header->components = decoder.codec.num_components;
  header->orientation = 1;
  for (jpeg_saved_marker_ptr marker = decoder.codec.marker_list; marker; marker = marker->next) {
    int orientation = cjpeg_exif_orientation(marker->data, marker->data_length);
    if (orientation != 1) header->orientation = orientation;
  }
  close_decoder(&decoder);
  return 0;
}

/// Inverted CMYK, as Adobe writes it: each ink value is the light that is left.
static void mix_inks(const uint8_t *cmyk, int width, int channels, uint8_t *out) {
  for (int x = 0; x < width; x++, cmyk += 4, out += channels) {
    int k = cmyk[3];
    int red = k - ((255 - cmyk[0]) * k >> 8);
    int green = k - ((255 - cmyk[1]) * k >> 8);
    int blue = k - ((255 - cmyk[2]) * k >> 8);
    if (channels == 1) {
      out[0] = (uint8_t)((red * 4899 + green * 9617 + blue * 1868 + 8192) >> 14);
    } else {
      out[0] = (uint8_t)blue;
      out[1] = (uint8_t)green;
      out[2] = (uint8_t)red;
    }
  }
}

static void read_rows(decoder *decoder, int channels, uint8_t *pixels) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  size_t stride = (size_t)codec->output_width * (size_t)channels;
  while (codec->output_scanline < codec->output_height) {
    uint8_t *target = pixels + stride * codec->output_scanline;
    JSAMPROW row = decoder->row ? decoder->row : target;
    jpeg_read_scanlines(codec, &row, 1);
    if (decoder->row) mix_inks(decoder->row, (int)codec->output_width, channels, target);
  }
}

static int start_decoder(decoder *decoder, int channels, size_t capacity) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  int has_inks = codec->num_components == 4;
  codec->out_color_space = has_inks ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  decoder->progress.progress_monitor = limit_scans;
  codec->progress = &decoder->progress;
  jpeg_start_decompress(codec);
  if ((size_t)codec->output_width * codec->output_height * (size_t)channels != capacity) return -1;
  if (has_inks) decoder->row = malloc((size_t)codec->output_width * 4);
  return has_inks && !decoder->row ? -1 : 0;
}

int cjpeg_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity, char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.codec.err = cjpeg_failure_install(&decoder.failure, message);
  if (setjmp(decoder.failure.back)) {
    close_decoder(&decoder);
    return -1;
  }
  open_decoder(&decoder, bytes, count);
  if (start_decoder(&decoder, channels, capacity) != 0) {
    snprintf(message, CJPEG_MESSAGE_SIZE, "no memory for the pixels");
    close_decoder(&decoder);
    return -1;
  }
  read_rows(&decoder, channels, pixels);
  jpeg_finish_decompress(&decoder.codec);
  close_decoder(&decoder);
  return 0;
}
