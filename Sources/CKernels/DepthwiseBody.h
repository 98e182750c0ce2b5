// Depthwise convolutions of one block of channels for one instruction set: TARGET, SUFFIX, LANES, MOST (outputs whose sums fit into
// registers beside three filters), OUTPUTS and OUTPUT_TABLE are given.

#include "Lanes.h"

INLINE vec NAME(finished)(const depthwise_row *r, vec sum) { return r->relu ? NAME(rectified)(sum, r->slope) : sum; }

// `count` outputs of a row, side by side, of which only the first and the last have filters that lie over an edge of the input, by a
// column. left: the input's column under the first one's filter.
#define OUTPUT(stride, count)                                                                                              \
  TARGET static void NAME(product_##stride##_##count)(const depthwise_row *r, int left, float *output) {                   \
    const float *from = r->image + (int64_t)left * LANES, *taps = r->filters;                                              \
    int starts = left >= 0, ends = left + (count - 1) * stride + 2 < r->width;                                             \
    vec sums[count], shift = r->shift ? NAME(load)(r->shift) : (vec){0};                                                   \
    _Pragma("unroll") for (int i = 0; i < count; i++) sums[i] = shift;                                                     \
    for (int line = 0; line < r->lines; line++, from += r->line_step, taps += 3 * LANES) {                                 \
      vec first = NAME(load)(taps), middle = NAME(load)(taps + LANES), last = NAME(load)(taps + 2 * LANES);                \
      if (starts) sums[0] += NAME(load)(from) * first;                                                                     \
      _Pragma("unroll") for (int i = 1; i < count; i++) sums[i] += NAME(load)(from + i * stride * LANES) * first;          \
      _Pragma("unroll") for (int i = 0; i < count; i++) sums[i] += NAME(load)(from + (i * stride + 1) * LANES) * middle;   \
      _Pragma("unroll") for (int i = 0; i < count - 1; i++) sums[i] += NAME(load)(from + (i * stride + 2) * LANES) * last; \
      if (ends) sums[count - 1] += NAME(load)(from + ((count - 1) * stride + 2) * LANES) * last;                           \
    }                                                                                                                      \
    _Pragma("unroll") for (int i = 0; i < count; i++) NAME(store)(output + i * LANES, NAME(finished)(r, sums[i]));         \
  }

OUTPUTS(OUTPUT)

typedef void (*NAME(product))(const depthwise_row *, int, float *);
static const NAME(product) NAME(products)[2][MOST] = OUTPUT_TABLE(NAME);

// A row is cut into as few even groups as there can be.
TARGET static void NAME(row)(const ckdepth_shape *s, const depthwise_row *r, float *output) {
  int64_t width = s->output_width, groups = (width + MOST - 1) / MOST, x = 0;
  for (int64_t group = 0; group < groups; group++) {
    int64_t count = (group + 1) * width / groups - x;
    NAME(products)[s->stride_width - 1][count - 1](r, (int)(x * s->stride_width) - s->pad_width, output + x * LANES);
    x += count;
  }
}
#undef vec
#undef OUTPUT
// What this body was given.
#undef TARGET
#undef SUFFIX
#undef LANES
#undef MOST
#undef OUTPUTS
#undef OUTPUT_TABLE
