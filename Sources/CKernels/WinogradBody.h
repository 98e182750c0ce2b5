// Winograd's F(4x4, 3x3), F(2x2, 3x3) and F(2x2, 5x5) for one instruction set: TARGET, SUFFIX, LANES, which is also the number of channels
// per block, and what Elements.h wants for images, planes and filters are given. Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015.
//
// The input's transform depends on the points alone: 6 are 0, 1, -1, 2, -2 and infinity, 4 are 0, 1, -1 and infinity. Functions that take
// `points` and `kernel` first are compiled for each pair (CASES).

#include "Lanes.h"
#include "Elements.h"

// Rows of sums that fit into registers beside q vectors of filters, and a value: of 32 with AVX-512, of 16 with AVX2.
#define BLOCK LANES
#define MOST_ROWS 12
#if LANES == 16
#define PANEL_VECTORS 4
#define ROWS(q) ((q) == 4 ? 6 : (q) == 3 ? 8 : 12)
#define PRODUCTS(F) LIST_12(F, 1) LIST_12(F, 2) LIST_8(F, 3) LIST_6(F, 4)
#define PRODUCT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_12(N, 2)}, {CELLS_8(N, 3)}, {CELLS_6(N, 4)}}
#else
#define PANEL_VECTORS 2
#define ROWS(q) ((q) == 2 ? 6 : 12)
#define PRODUCTS(F) LIST_12(F, 1) LIST_6(F, 2)
#define PRODUCT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_6(N, 2)}}
#endif

// One line of a tile through B's transpose.
INLINE void NAME(input_line)(int points, const vec d[], vec t[]) {
  if (points == 4) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
    return;
  }
  vec a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
  t[0] = 4 * d[0] - 5 * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// One line of products through A's transpose, to points - kernel + 1 outputs.
INLINE void NAME(output_line)(int points, int kernel, const vec m[], vec y[]) {
  vec a = m[1] + m[2], b = m[1] - m[2];
  if (points == 4) {
    y[0] = m[0] + a;
    y[1] = b - m[3];
    return;
  }
  vec c = m[3] + m[4], e = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2 * e;
  if (kernel == 5) {
    y[1] += m[5];
  } else {
    y[2] = a + 4 * c;
    y[3] = b + 8 * e + m[5];
  }
}

INLINE void NAME(input_tile)(int points, const ckwino_shape *s, const ELEMENT *block, int row, int column, ELEMENT *planes,
                             int64_t plane_stride) {
  for (int lane = 0; lane < BLOCK; lane += LANES) {
    vec t[6][6];
    for (int i = 0; i < points; i++) {
      vec d[6];
      int y = row + i;
      int inside = y >= 0 && y < s->height;
      for (int j = 0; j < points; j++) {
        int x = column + j;
        d[j] = inside && x >= 0 && x < s->width ? READ(load)(block + ((int64_t)y * s->width + x) * BLOCK + lane) : (vec){0};
      }
      NAME(input_line)(points, d, t[i]);
    }
    for (int j = 0; j < points; j++) {
      vec d[6], u[6];
      for (int i = 0; i < points; i++) d[i] = t[i][j];
      NAME(input_line)(points, d, u);
      for (int i = 0; i < points; i++) READ(store)(planes + (i * points + j) * plane_stride + lane, u[i]);
    }
  }
}

INLINE void NAME(input_tiles)(int points, const ckwino_shape *s, const ELEMENT *image, int first_tile, int tiles, int first_block,
                              int last_block, ELEMENT *planes, int64_t plane_stride) {
  int64_t block_size = (int64_t)s->height * s->width * BLOCK, tile_size = (int64_t)depth_blocks(s) * BLOCK;
  for (int block = first_block; block < last_block; block++) {
    plane_block behind = block_behind(s, block);
    for (int tile = 0; tile < tiles; tile++) {
      tile_place place = place_of(s, first_tile + tile);
      NAME(input_tile)(points, s, image + place.image * s->image_stride + behind.block * block_size,
                       place.row + behind.row - s->pad_height, place.column + behind.column - s->pad_width,
                       planes + tile * tile_size + block * BLOCK, plane_stride);
    }
  }
}

TARGET static void NAME(input)(const ckwino_shape *s, const ELEMENT *image, int first_tile, int tiles, int first_block,
                               int last_block, ELEMENT *planes, int64_t plane_stride) {
  if (s->points == 4)
    NAME(input_tiles)(4, s, image, first_tile, tiles, first_block, last_block, planes, plane_stride);
  else
    NAME(input_tiles)(6, s, image, first_tile, tiles, first_block, last_block, planes, plane_stride);
}

// A line of 3 or 5 through G.
INLINE void NAME(filter_line)(int points, int kernel, const vec f[], vec t[]) {
  if (points == 4) {
    t[0] = f[0];
    t[1] = ((f[0] + f[2]) + f[1]) * 0.5f;
    t[2] = ((f[0] + f[2]) - f[1]) * 0.5f;
    t[3] = f[2];
    return;
  }
  vec even = f[0] + f[2], odd = f[1], far_even = f[0] + 4 * f[2], far_odd = 2 * f[1];
  if (kernel == 5) {
    even += f[4];
    odd += f[3];
    far_even += 16 * f[4];
    far_odd += 8 * f[3];
  }
  t[0] = f[0] * 0.25f;
  t[1] = (even + odd) * (-1.0f / 6);
  t[2] = (even - odd) * (-1.0f / 6);
  t[3] = (far_even + far_odd) * (1.0f / 24);
  t[4] = (far_even - far_odd) * (1.0f / 24);
  t[5] = f[kernel - 1];
}

// The part of the filters from one input channel to LANES output channels that begins in a row and a column; what lies outside is 0.
INLINE void NAME(filter_tile)(int points, int kernel, int size, int row, int column, const float *filters, int64_t stride, int flipped,
                              ELEMENT *target, int64_t plane_stride) {
  float values[25][LANES] = {{0}};
  for (int lane = 0; lane < LANES; lane++)
    for (int i = 0; i < kernel && row + i < size; i++)
      for (int j = 0; j < kernel && column + j < size; j++) {
        int place = (row + i) * size + column + j;
        values[i * kernel + j][lane] = filters[lane * stride + (flipped ? size * size - 1 - place : place)];
      }
  vec t[6][5];
  for (int j = 0; j < kernel; j++) {
    vec h[6], f[5];
    for (int i = 0; i < kernel; i++) f[i] = NAME(load)(values[i * kernel + j]);
    NAME(filter_line)(points, kernel, f, h);
    for (int i = 0; i < points; i++) t[i][j] = h[i];
  }
  for (int i = 0; i < points; i++) {
    vec u[6];
    NAME(filter_line)(points, kernel, t[i], u);
    for (int j = 0; j < points; j++) READ(store_apart)(target + (i * points + j) * plane_stride, u[j]);
  }
}

INLINE void NAME(pack_panel)(int points, int kernel, const ckwino_shape *s, const float *filters, int flipped, int panel,
                             ELEMENT *packed) {
  int64_t inputs = (int64_t)s->input_blocks * BLOCK, outputs = (int64_t)s->output_blocks * BLOCK, depth = (int64_t)depth_blocks(s) * BLOCK;
  int first = first_block(s, panel) * BLOCK, last = first_block(s, panel + 1) * BLOCK, size = filter_size(s);
  int64_t width = last - first, stride = size * size * (flipped ? 1 : inputs);
  packed += points * points * depth * first;
  for (int output = first; output < last; output += LANES)
    for (int64_t channel = 0; channel < depth; channel++) {
      plane_block behind = block_behind(s, (int)(channel / BLOCK));
      int64_t input = (int64_t)behind.block * BLOCK + channel % BLOCK;
      int64_t place = (channel / PRODUCTS_AT_ONCE * width + output - first) * PRODUCTS_AT_ONCE + channel % PRODUCTS_AT_ONCE;
      NAME(filter_tile)(points, kernel, size, behind.row, behind.column,
                        filters + size * size * (flipped ? input * outputs + output : output * inputs + input), stride, flipped,
                        packed + place, depth * width);
    }
}

TARGET static void NAME(pack)(const ckwino_shape *s, const float *filters, int flipped, int panel, ELEMENT *packed) {
  CASES(s, NAME(pack_panel), s, filters, flipped, panel, packed)
}

// c[rows][q vectors] = a[rows][depth] . b[depth][q vectors], fetching some of `later` for each block of channels. Where two numbers are
// multiplied at once, what stands here for a float are two of them.
#define STEPS (BLOCK / PRODUCTS_AT_ONCE)
#define PRODUCT(q, rows)                                                                                              \
  TARGET static void NAME(product_##q##_##rows)(const float *a, const float *b, float *c, int64_t depth, int64_t c_stride,\
                                                fetch later) {                                                        \
    vec sums[rows][q];                                                                                                \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                  \
      _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] = (vec){0};                                            \
    for (int64_t k = 0; k < depth; k += STEPS) {                                                                      \
      fetch_some(&later);                                                                                             \
      for (int64_t i = k; i < k + STEPS; i++) {                                                                       \
        vec line[q];                                                                                                  \
        _Pragma("unroll") for (int j = 0; j < q; j++) {                                                               \
          __builtin_prefetch(b + ((i + FETCH_AHEAD) * q + j) * LANES);                                                \
          line[j] = NAME(load)(b + (i * q + j) * LANES);                                                              \
        }                                                                                                             \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                            \
          float value = a[r * depth + i];                                                                             \
          _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] = READ(plus_product)(sums[r][j], value, line[j]);  \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                  \
      _Pragma("unroll") for (int j = 0; j < q; j++) NAME(store)(c + r * c_stride + j * LANES, sums[r][j]);            \
  }

PRODUCTS(PRODUCT)

typedef void (*NAME(product))(const float *, const float *, float *, int64_t, int64_t, fetch);
static const NAME(product) NAME(products)[PANEL_VECTORS][MOST_ROWS] = PRODUCT_TABLE(NAME);

INLINE void NAME(output_tile)(int points, int kernel, const ckwino_shape *s, const float *products, int64_t stride, int row,
                              int column, const float *bias, const ELEMENT *addend, int relu, float slope, ELEMENT *block) {
  int edge = points - kernel + 1;
  for (int lane = 0; lane < BLOCK; lane += LANES) {
    vec t[4][6];
    for (int j = 0; j < points; j++) {
      vec m[6], y[4];
      for (int i = 0; i < points; i++) m[i] = NAME(load)(products + (i * points + j) * stride + lane);
      NAME(output_line)(points, kernel, m, y);
      for (int i = 0; i < edge; i++) t[i][j] = y[i];
    }
    vec shift = bias ? NAME(load)(bias + lane) : (vec){0};
    for (int i = 0; i < edge && row + i < s->output_height; i++) {
      vec y[4];
      NAME(output_line)(points, kernel, t[i], y);
      for (int j = 0; j < edge && column + j < s->output_width; j++) {
        int64_t place = ((int64_t)(row + i) * s->output_width + column + j) * BLOCK + lane;
        vec v = y[j] + shift;
        if (addend) v += READ(load)(addend + place);
        if (relu) v = NAME(rectified)(v, slope);
        READ(store)(block + place, v);
      }
    }
  }
}

// The tiles of one block of channels.
INLINE void NAME(output_tiles)(int points, int kernel, const ckwino_shape *s, int first_tile, int tiles, const float *products,
                               int64_t width, const float *bias, const ELEMENT *addend, int relu, float slope, ELEMENT *image) {
  for (int tile = 0; tile < tiles; tile++) {
    tile_place place = place_of(s, first_tile + tile);
    int64_t start = place.image * s->output_stride;
    NAME(output_tile)(points, kernel, s, products + tile * width, tiles * width, place.row, place.column, bias,
                      addend ? addend + start : 0, relu, slope, image + start);
  }
}

TARGET static void NAME(output)(const ckwino_shape *s, const ELEMENT *planes, int64_t plane_stride, const ELEMENT *packed, int panel,
                                int first_tile, int tiles, float *products, const float *bias, const ELEMENT *addend, int relu,
                                float slope, ELEMENT *image) {
  int64_t depth = (int64_t)depth_blocks(s) * BLOCK;
  int first = first_block(s, panel), blocks = first_block(s, panel + 1) - first;
  int vectors = blocks * (BLOCK / LANES);
  int64_t width = (int64_t)blocks * BLOCK;
  const ELEMENT *filters = packed + plane_count(s) * depth * first * BLOCK;
  int most = ROWS(vectors), groups = (tiles + most - 1) / most;
  for (int plane = 0; plane < plane_count(s); plane++)
    for (int group = 0; group < groups; group++) {
      int start = group * tiles / groups, rows = (group + 1) * tiles / groups - start;
      const float *own = (const float *)(filters + plane * depth * width);
      int64_t steps = depth / PRODUCTS_AT_ONCE, next = plane + 1 < plane_count(s) ? steps * width : 0;
      NAME(products)[vectors - 1][rows - 1]((const float *)(planes + plane * plane_stride + start * depth), own,
                                            products + (plane * (int64_t)tiles + start) * width, steps, width,
                                            fetch_part(own + steps * width, next, group, groups, depth_blocks(s)));
    }
  int64_t block_size = (int64_t)s->output_height * s->output_width * BLOCK;
  for (int block = 0; block < blocks; block++) {
    int64_t channels = (int64_t)(first + block) * BLOCK, start = (first + block) * block_size;
    const float *shift = bias ? bias + channels : 0;
    const ELEMENT *added = addend ? addend + start : 0;
    CASES(s, NAME(output_tiles), s, first_tile, tiles, products + block * BLOCK, width, shift, added, relu, slope, image + start)
  }
}
#undef vec
#undef BLOCK
#undef PANEL_VECTORS
#undef MOST_ROWS
#undef ROWS
#undef PRODUCTS
#undef PRODUCT_TABLE
#undef PRODUCT
#undef STEPS
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef ELEMENT
#undef READING
#undef ELEMENT_IS_BF16
