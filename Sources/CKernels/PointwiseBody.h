// Convolutions with 1x1 filters for one instruction set: TARGET, SUFFIX, LANES, which is also the number of channels per block, ROWS(q)
// (pixels whose sums fit into registers beside q vectors of filters), MOST_ROWS, PANEL (blocks of output channels in a panel), PRODUCTS and
// PRODUCT_TABLE are given.

#include "Lanes.h"

// What a sum begins with: `shift` and what is added, or where `shift` is null what the part of the inputs before has left.
INLINE vec NAME(begun)(const ckpoint_output *o, int64_t place, const float *shift) {
  if (!shift) return NAME(load)(o->image + place);
  vec sum = NAME(load)(shift);
  return o->addend ? sum + NAME(load)(o->addend + place) : sum;
}

// `rows` pixels through some blocks of input channels, to q blocks of output channels. The next block's pixels and the next filters are
// fetched while a block is worked through, and from farther away some of `later`, which somebody will read soon; where there is little to
// work through, the lines that the next pixels' outputs go to as well.
#define PRODUCT(q, rows)                                                                                                       \
  TARGET static void NAME(product_##q##_##rows)(const ckpoint_shape *s, int blocks, const float *x, const float *filters,      \
                                                const float *shift, const ckpoint_output *o, int64_t place, int rectifies,     \
                                                fetch later) {                                                                 \
    int64_t stride = s->pixels * LANES, input = s->input_pixels * LANES;                                                       \
    vec sums[rows][q];                                                                                                         \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                           \
      _Pragma("unroll") for (int j = 0; j < q; j++)                                                                            \
        sums[r][j] = NAME(begun)(o, place + j * stride + r * LANES, shift ? shift + j * LANES : 0);                            \
    if (blocks <= SHORT)                                                                                                       \
      _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                         \
        _Pragma("unroll") for (int j = 0; j < q; j++) __builtin_prefetch(o->image + place + j * stride + (rows + r) * LANES, 1);\
    for (int block = 0; block < blocks; block++, x += input) {                                                                 \
      _Pragma("unroll") for (int r = 0; r < rows; r++) __builtin_prefetch(x + input + r * LANES);                              \
      fetch_some(&later);                                                                                                      \
      for (int i = 0; i < LANES; i++, filters += q * LANES) {                                                                  \
        vec line[q];                                                                                                           \
        _Pragma("unroll") for (int j = 0; j < q; j++) {                                                                        \
          __builtin_prefetch(filters + (FETCH_AHEAD * q + j) * LANES);                                                         \
          line[j] = NAME(load)(filters + j * LANES);                                                                           \
        }                                                                                                                      \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                                     \
          float value = x[r * LANES + i];                                                                                      \
          _Pragma("unroll") for (int j = 0; j < q; j++) sums[r][j] += value * line[j];                                         \
        }                                                                                                                      \
      }                                                                                                                        \
    }                                                                                                                          \
    _Pragma("unroll") for (int r = 0; r < rows; r++)                                                                           \
      _Pragma("unroll") for (int j = 0; j < q; j++) {                                                                          \
        vec sum = rectifies ? NAME(rectified)(sums[r][j], o->slope) : sums[r][j];                                              \
        NAME(store)(o->image + place + j * stride + r * LANES, sum);                                                           \
      }                                                                                                                        \
  }

PRODUCTS(PRODUCT)

typedef void (*NAME(product))(const ckpoint_shape *, int, const float *, const float *, const float *, const ckpoint_output *, int64_t,
                              int, fetch);
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

// Some pixels through a part of the input channels, to one panel. What is read next are some `images`, or else the
// filters `coming`.
TARGET static void NAME(run_part)(const ckpoint_shape *s, const float *pixels, int first_input, int last_input, const float *filters, int panel,
                                  int64_t first, int64_t last, const float *shift, const ckpoint_output *o, const float *coming,
                                  int64_t coming_count, const ckpoint_coming *images) {
  int block = first_block(s, panel), q = first_block(s, panel + 1) - block, most = ROWS(q), blocks = last_input - first_input;
  int64_t count = last - first, groups = (count + most - 1) / most;
  pixels += first_input * s->input_pixels * LANES;
  for (int64_t group = 0; group < groups; group++) {
    int64_t pixel = group * count / groups, rows = (group + 1) * count / groups - pixel;
    NAME(products)[q - 1][rows - 1](s, blocks, pixels + pixel * LANES, filters, shift, o, (block * s->pixels + first + pixel) * LANES,
                                    o->relu && last_input == s->input_blocks,
                                    images->stretches ? share_of_coming(images, panel * groups + group, s->panels * groups, blocks)
                                                     : fetch_part(coming, coming_count, group, groups, blocks));
  }
}

// The input channels are taken in parts whose filters stay in a core's second cache beside the pixels.
TARGET static void NAME(run)(const ckpoint_shape *s, const float *pixels, const float *packed, int panel, int64_t first, int64_t last,
                             const float *bias, const ckpoint_output *o, const ckpoint_coming *images) {
  int block = first_block(s, panel), q = first_block(s, panel + 1) - block;
  float shift[PANEL * LANES] = {0};
  if (bias)
    for (int i = 0; i < q * LANES && block * LANES + i < s->outputs; i++) shift[i] = bias[block * LANES + i];
  int64_t inputs = (int64_t)s->input_blocks * LANES, line = q * LANES * LANES;
  int next = panel + 1 < s->panels ? panel + 1 : panel, parts = (s->input_blocks * LANES + PART - 1) / PART;
  const float *filters = packed + inputs * block * LANES;
  for (int part = 0; part < parts; part++) {
    int from = part * s->input_blocks / parts, to = (part + 1) * s->input_blocks / parts, end = (part + 2) * s->input_blocks / parts;
    int is_last = part == parts - 1;
    const float *coming = is_last ? packed + inputs * first_block(s, next) * LANES : filters + to * line;
    int64_t coming_count = !is_last ? (end - to) * line : next == panel ? 0 : s->input_blocks / parts * line;
    NAME(run_part)(s, pixels, from, to, filters + from * line, panel, first, last, part ? 0 : shift, o, coming, coming_count,
                   is_last ? images : &no_images);
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
