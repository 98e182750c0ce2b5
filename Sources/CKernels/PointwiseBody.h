// Convolutions with 1x1 filters for one instruction set: TARGET, SUFFIX, LANES, which is also the number of channels per block, ROWS(q)
// (pixels whose sums fit into registers beside q vectors of filters), MOST_ROWS, PANEL (blocks of output channels in a panel), PRODUCTS and
// PRODUCT_TABLE are given.

#include "Lanes.h"

// What is done with a sum on its way to memory.
INLINE void NAME(finish)(const ckpoint_output *o, int64_t place, vec sum) {
  if (o->addend) sum += NAME(load)(o->addend + place);
  if (o->relu) sum = NAME(rectified)(sum, o->slope);
  NAME(store)(o->image + place, sum);
}

// `rows` pixels through all input channels, to q blocks of output channels. The next block's pixels and the next filters are fetched
// while a block is worked through, and from farther away some of `later`, which somebody will read soon.
#define PRODUCT(q, rows)                                                                                                   \
  TARGET static void NAME(product_##q##_##rows)(const ckpoint_shape *s, const float *x, const float *filters, const float *shift, \
                                                const ckpoint_output *o, int64_t place, fetch later) {                     \
    int64_t stride = s->pixels * LANES;                                                                                    \
    vec sums[rows][q];                                                                                                     \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                       \
      _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] = NAME(load)(shift + j * LANES);                            \
    for (int block = 0; block < s->input_blocks; block++, x += stride) {                                                   \
      _Pragma("unroll") for (int r = 0; r < rows; r++) __builtin_prefetch(x + stride + r * LANES);                         \
      fetch_some(&later);                                                                                                  \
      for (int i = 0; i < LANES; i++, filters += q * LANES) {                                                              \
        vec line[q];                                                                                                       \
        _Pragma("unroll") for (int j = 0; j < q; j++) {                                                                    \
          __builtin_prefetch(filters + (AHEAD * q + j) * LANES);                                                           \
          line[j] = NAME(load)(filters + j * LANES);                                                                       \
        }                                                                                                                  \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                                 \
          float value = x[r * LANES + i];                                                                                  \
          _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] += value * line[j];                                     \
        }                                                                                                                  \
      }                                                                                                                    \
    }                                                                                                                      \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                       \
      _Pragma("unroll") for (int j = 0; j < q; j++) NAME(finish)(o, place + j * stride + r * LANES, sums[r][j]);           \
  }

PRODUCTS(PRODUCT)

typedef void (*NAME(product))(const ckpoint_shape *, const float *, const float *, const float *, const ckpoint_output *, int64_t, fetch);
static const NAME(product) NAME(products)[PANEL][MOST_ROWS] = PRODUCT_TABLE(NAME);

// Filters of a panel: for each input channel those to its output channels, side by side.
TARGET static void NAME(pack)(const ckpoint_shape *s, const float *filters, int panel, float *packed) {
  int64_t inputs = (int64_t)s->input_blocks * LANES;
  int first = first_block(s, panel) * LANES, width = first_block(s, panel + 1) * LANES - first;
  packed += inputs * first;
  for (int output = 0; output < width; output++)
    for (int64_t input = 0; input < inputs; input++)
      packed[input * width + output] = first + output < s->outputs ? filters[(first + output) * inputs + input] : 0;
}

TARGET static void NAME(run)(const ckpoint_shape *s, const float *image, const float *packed, int panel, int64_t first, int64_t last,
                             const float *bias, const ckpoint_output *o) {
  int block = first_block(s, panel), q = first_block(s, panel + 1) - block, most = ROWS(q);
  float shift[PANEL * LANES] = {0};
  if (bias)
    for (int i = 0; i < q * LANES && block * LANES + i < s->outputs; i++) shift[i] = bias[block * LANES + i];
  int64_t inputs = (int64_t)s->input_blocks * LANES, next = panel + s->ahead < s->panels ? panel + s->ahead : panel;
  const float *filters = packed + inputs * block * LANES, *coming = packed + inputs * first_block(s, next) * LANES;
  int64_t count = last - first, groups = (count + most - 1) / most;
  for (int64_t group = 0; group < groups; group++) {
    int64_t pixel = first + group * count / groups, rows = first + (group + 1) * count / groups - pixel;
    fetch later = fetch_part(coming, next == panel ? 0 : inputs * q * LANES, group, groups, s->input_blocks);
    NAME(products)[q - 1][rows - 1](s, image + pixel * LANES, filters, shift, o, (block * s->pixels + pixel) * LANES, later);
  }
}
#undef vec
#undef PRODUCT
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef PANEL
#undef MOST_ROWS
#undef ROWS
#undef PRODUCTS
#undef PRODUCT_TABLE
