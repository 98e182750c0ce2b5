#include "CKernels.h"
#include "Fetch.h"
#include "Panels.h"
#include "Vectors.h"

static int first_block(const ckwino_shape *s, int panel) { return block_of_panel(panel, s->panels, s->output_blocks); }

typedef struct {
  int64_t image;
  int row, column; // of its first output
} tile_place;

static tile_place place_of(const ckwino_shape *s, int tile) {
  int in_image = tile % (s->tile_rows * s->tile_columns), edge = s->points - s->kernel + 1;
  return (tile_place){tile / (s->tile_rows * s->tile_columns), in_image / s->tile_columns * edge, in_image % s->tile_columns * edge};
}

static int plane_count(const ckwino_shape *s) { return s->points * s->points; }

int64_t ckwino_filter_count(const ckwino_shape *s) {
  return (int64_t)plane_count(s) * s->input_blocks * s->lanes * s->output_blocks * s->lanes;
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

void ckwino_unpack(const ckwino_shape *s, const float *packed, int first_panel, int last_panel, float *filters) {
  int64_t inputs = (int64_t)s->input_blocks * s->lanes;
  for (int panel = first_panel; panel < last_panel; panel++) {
    int first = first_block(s, panel) * s->lanes, last = first_block(s, panel + 1) * s->lanes;
    int64_t width = last - first;
    const float *source = packed + plane_count(s) * inputs * first;
    for (int64_t output = first; output < last; output++)
      for (int64_t input = 0; input < inputs; input++) {
        float t[6][6];
        for (int plane = 0; plane < plane_count(s); plane++)
          t[plane / s->points][plane % s->points] = source[(plane * inputs + input) * width + output - first];
        filter_of(s->points, s->kernel, t, filters + s->kernel * s->kernel * (output * inputs + input));
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

// 32 registers: rows x vectors of sums, a line of filters and a value.
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define BLOCK 16
#define PANEL_VECTORS 4
#define MOST_ROWS 12
#define ROWS(q) ((q) == 4 ? 6 : (q) == 3 ? 8 : 12)
#define PRODUCTS(F) LIST_12(F, 1) LIST_12(F, 2) LIST_8(F, 3) LIST_6(F, 4)
#define PRODUCT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_12(N, 2)}, {CELLS_8(N, 3)}, {CELLS_6(N, 4)}}
#include "WinogradBody.h"

// 16 registers.
#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define BLOCK 8
#define PANEL_VECTORS 2
#define MOST_ROWS 12
#define ROWS(q) ((q) == 2 ? 6 : 12)
#define PRODUCTS(F) LIST_12(F, 1) LIST_6(F, 2)
#define PRODUCT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_6(N, 2)}}
#include "WinogradBody.h"
#define HAS_KERNELS 1
#endif

void ckwino_pack(const ckwino_shape *s, const float *filters, int flipped, int first_panel, int last_panel, float *packed) {
#if HAS_KERNELS
  for (int panel = first_panel; panel < last_panel; panel++)
    if (s->lanes == 16)
      pack_avx512(s, filters, flipped, panel, packed);
    else
      pack_avx2(s, filters, flipped, panel, packed);
#endif
}

void ckwino_input(const ckwino_shape *s, const float *image, int first_tile, int tiles, int first_block, int last_block,
                  float *planes, int64_t plane_stride) {
#if HAS_KERNELS
  if (s->lanes == 16)
    input_avx512(s, image, first_tile, tiles, first_block, last_block, planes, plane_stride);
  else
    input_avx2(s, image, first_tile, tiles, first_block, last_block, planes, plane_stride);
#endif
}

void ckwino_output(const ckwino_shape *s, const float *planes, int64_t plane_stride, const float *packed, int panel,
                   int first_tile, int tiles, float *products, const float *bias, const float *addend, int relu, float slope,
                   float *image) {
#if HAS_KERNELS
  if (s->lanes == 16)
    output_avx512(s, planes, plane_stride, packed, panel, first_tile, tiles, products, bias, addend, relu, slope, image);
  else
    output_avx2(s, planes, plane_stride, packed, panel, first_tile, tiles, products, bias, addend, relu, slope, image);
#endif
}
