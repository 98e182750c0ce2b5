#include "CKernels.h"
#include "Fetch.h"
#include "Panels.h"
#include "Vectors.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static int first_block(const ckwino_shape *s, int panel) { return block_of_panel(panel, s->panels, s->output_blocks); }

static int plane_count(const ckwino_shape *s) { return s->points * s->points; }

static int filter_size(const ckwino_shape *s) { return s->parts == 1 ? s->kernel : 5; }

// Blocks of channels in a plane: those of the input, for each part of the filters.
static int depth_blocks(const ckwino_shape *s) { return s->parts * s->parts * s->input_blocks; }

// A block of a plane as a block of the input, and how far the part of the filters that it is for begins from their corner.
typedef struct {
  int block, row, column;
} plane_block;

static plane_block block_behind(const ckwino_shape *s, int depth_block) {
  int part = depth_block / s->input_blocks;
  return (plane_block){depth_block % s->input_blocks, part / s->parts * s->kernel, part % s->parts * s->kernel};
}

int64_t ckwino_filter_bytes(const ckwino_shape *s) {
  int64_t count = (int64_t)plane_count(s) * depth_blocks(s) * s->lanes * s->output_blocks * s->lanes;
  return count * (int64_t)(s->numbers == CKWINO_FLOATS ? sizeof(float) : sizeof(uint16_t));
}

// A number of a panel's filters, where `width` of the output channels lie side by side.
static float filter_number(const ckwino_shape *s, const char *panel, int64_t plane_input, int64_t width, int64_t output) {
  if (s->numbers == CKWINO_FLOATS) return ((const float *)panel)[plane_input * width + output];
  uint16_t half = ((const uint16_t *)panel)[(plane_input / 2 * width + output) * 2 + plane_input % 2];
  float number;
  ckernels_bf16_widen(CKERNELS_GENERIC, &half, 1, &number);
  return number;
}

// What a line of G's gave t was made of.
static void line_of(int points, int kernel, const float t[], float f[]) {
  if (points == 4) {
    f[0] = t[0];
    f[1] = t[1] - t[2];
    f[2] = t[3];
    return;
  }
  float odd = 3 * (t[2] - t[1]);
  f[0] = 4 * t[0];
  f[kernel - 1] = t[5];
  if (kernel == 3) {
    f[1] = odd;
  } else {
    f[2] = -3 * (t[1] + t[2]) - f[0] - f[4];
    f[3] = 2 * (t[3] - t[4]) - odd / 3;
    f[1] = odd - f[3];
  }
}

// The filter behind a transformed one.
static void filter_of(int points, int kernel, const float t[6][6], float f[]) {
  float h[6][5];
  for (int i = 0; i < points; i++) line_of(points, kernel, t[i], h[i]);
  for (int j = 0; j < kernel; j++) {
    float column[6], values[5];
    for (int i = 0; i < points; i++) column[i] = h[i][j];
    line_of(points, kernel, column, values);
    for (int i = 0; i < kernel; i++) f[i * kernel + j] = values[i];
  }
}

void ckwino_unpack(const ckwino_shape *s, const void *packed, int first_panel, int last_panel, float *filters) {
  int64_t inputs = (int64_t)s->input_blocks * s->lanes, depth = (int64_t)depth_blocks(s) * s->lanes, size = filter_size(s);
  for (int panel = first_panel; panel < last_panel; panel++) {
    int first = first_block(s, panel) * s->lanes, last = first_block(s, panel + 1) * s->lanes;
    int64_t width = last - first;
    const char *source = (const char *)packed + ckwino_filter_bytes(s) / s->output_blocks * first_block(s, panel);
    for (int64_t output = first; output < last; output++)
      for (int64_t channel = 0; channel < depth; channel++) {
        float t[6][6], part[25];
        for (int plane = 0; plane < plane_count(s); plane++)
          t[plane / s->points][plane % s->points] = filter_number(s, source, plane * depth + channel, width, output - first);
        filter_of(s->points, s->kernel, t, part);
        plane_block behind = block_behind(s, (int)(channel / s->lanes));
        float *filter = filters + size * size * (output * inputs + (int64_t)behind.block * s->lanes + channel % s->lanes);
        for (int i = 0; i < s->kernel && behind.row + i < size; i++)
          for (int j = 0; j < s->kernel && behind.column + j < size; j++)
            filter[(behind.row + i) * size + behind.column + j] = part[i * s->kernel + j];
      }
  }
}

// Calls a function with the points and the size of the filters as constants before the rest.
#define CASES(s, function, ...)               \
  if ((s)->points == 4)                       \
    function(4, 3, __VA_ARGS__);              \
  else if ((s)->kernel == 3)                  \
    function(6, 3, __VA_ARGS__);              \
  else                                        \
    function(6, 5, __VA_ARGS__);

#if defined(__x86_64__)

typedef struct {
  int64_t image;
  int row, column; // of its first output
} tile_place;

static tile_place place_of(const ckwino_shape *s, int tile) {
  int in_image = tile % (s->tile_rows * s->tile_columns), edge = s->points - s->kernel + 1;
  return (tile_place){tile / (s->tile_rows * s->tile_columns), in_image / s->tile_columns * edge, in_image % s->tile_columns * edge};
}

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#include "WinogradBody.h"

// The same with bf16, for CPUs that multiply it and, to see what comes out, for those that do not.
#define HAS_BF16_PRODUCTS 1
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bf16,fma")))
#define SUFFIX avx512_bf16
#define LANES 16
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "WinogradBody.h"

#undef HAS_BF16_PRODUCTS

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512_emulated
#define LANES 16
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#include "WinogradBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#include "WinogradBody.h"
#define HAS_KERNELS 1
#endif

// Calls the function of the numbers and the instruction set that a shape asks for.
#if HAS_KERNELS
#define KERNEL(s, name, ...)                           \
  switch ((s)->numbers) {                              \
  case CKWINO_BF16:                                    \
    name##_avx512_bf16(__VA_ARGS__);                   \
    break;                                             \
  case CKWINO_BF16_EMULATED:                           \
    name##_avx512_emulated(__VA_ARGS__);               \
    break;                                             \
  default:                                             \
    if ((s)->lanes == 16)                              \
      name##_avx512(__VA_ARGS__);                      \
    else                                               \
      name##_avx2(__VA_ARGS__);                        \
  }
#else
#define KERNEL(s, name, ...)
#endif

void ckwino_pack(const ckwino_shape *s, const float *filters, int flipped, int first_panel, int last_panel, void *packed) {
  for (int panel = first_panel; panel < last_panel; panel++) {
    KERNEL(s, pack, s, filters, flipped, panel, packed)
  }
}

void ckwino_input(const ckwino_shape *s, const void *image, int first_tile, int tiles, int first_block, int last_block,
                  void *planes, int64_t plane_stride) {
  KERNEL(s, input, s, image, first_tile, tiles, first_block, last_block, planes, plane_stride)
}

void ckwino_output(const ckwino_shape *s, const void *planes, int64_t plane_stride, const void *packed, int panel,
                   int first_tile, int tiles, float *products, const float *bias, const void *addend, int relu, float slope,
                   void *image) {
  KERNEL(s, output, s, planes, plane_stride, packed, panel, first_tile, tiles, products, bias, addend, relu, slope, image)
}
