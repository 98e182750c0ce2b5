#include "CKernels.h"

#if defined(__x86_64__)

#define INLINE static inline __attribute__((always_inline)) TARGET
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
enum { LANES = 16 };

// Numbers of a pixel, and of two.
typedef int16_t pixel __attribute__((vector_size(LANES * 2), aligned(2)));
typedef int16_t pixels __attribute__((vector_size(2 * LANES * 2), aligned(2)));

// As whole numbers bf16 are in order where they are not negative; of those that are all bits but the sign's are turned. Done twice, this
// gives back what there was.
#define TURNED(v) ((v) ^ (((v) >> 15) & 0x7fff))

// Two pixels, and one, with numbers in order; what is no number becomes the largest.
INLINE pixels two_ordered(const int16_t *p) {
  pixels v = *(const pixels *)p, nan = (v & 0x7fff) > 0x7f80;
  return (TURNED(v) & ~nan) | (0x7fc0 & nan);
}

INLINE pixel one_ordered(const int16_t *p) {
  pixel v = *(const pixel *)p, nan = (v & 0x7fff) > 0x7f80;
  return (TURNED(v) & ~nan) | (0x7fc0 & nan);
}

// The largest numbers of each column of some rows, in order.
TARGET static void columns(const int16_t *rows, int count, int64_t width, int16_t *line) {
  int64_t step = width * LANES, place = 0;
  for (; place + 2 * LANES <= step; place += 2 * LANES) {
    pixels most = two_ordered(rows + place);
    for (int row = 1; row < count; row++) most = __builtin_elementwise_max(most, two_ordered(rows + row * step + place));
    *(pixels *)(line + place) = most;
  }
  if (place == step) return;
  pixel most = one_ordered(rows + place);
  for (int row = 1; row < count; row++) most = __builtin_elementwise_max(most, one_ordered(rows + row * step + place));
  *(pixel *)(line + place) = most;
}

// The largest of each window's columns.
TARGET static void windows(const ckmax_shape *s, const int16_t *line, int16_t *output) {
  for (int x = 0; x < s->output_width; x++) {
    int from = x * s->stride_width - s->pad_width, end = from + s->kernel_width;
    if (from < 0) from = 0;
    if (end > s->width) end = s->width;
    pixel most = *(const pixel *)(line + from * LANES);
    for (int column = from + 1; column < end; column++)
      most = __builtin_elementwise_max(most, *(const pixel *)(line + column * LANES));
    *(pixel *)(output + x * LANES) = TURNED(most);
  }
}

#define HAS_KERNELS 1
#endif

void ckmax_rows(const ckmax_shape *s, const uint16_t *block, int first, int last, int16_t *line, uint16_t *output) {
#if HAS_KERNELS
  for (int y = first; y < last; y++, output += s->output_width * LANES) {
    int from = y * s->stride_height - s->pad_height, end = from + s->kernel_height;
    if (from < 0) from = 0;
    if (end > s->height) end = s->height;
    columns((const int16_t *)block + (int64_t)from * s->width * LANES, end - from, s->width, line);
    windows(s, line, (int16_t *)output);
  }
#endif
}
