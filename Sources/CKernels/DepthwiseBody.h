// Depthwise convolutions of one block of channels for one instruction set: TARGET, SUFFIX, LANES, MOST (outputs whose sums fit into
// registers beside three filters), OUTPUTS and OUTPUT_TABLE are given.

#include "Lanes.h"

INLINE vec NAME(finished)(const depthwise_row *r, vec sum) { return r->relu ? NAME(rectified)(sum, r->slope) : sum; }

// `count` outputs of a row, side by side, for filters three wide, of which only the first and the last lie over an edge of the input, by
// a column. left: the input's column under the first one's filter.
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

// One output of filters of any width.
TARGET static void NAME(output)(const ckdepth_shape *s, const depthwise_row *r, int left, float *output) {
  vec sum = r->shift ? NAME(load)(r->shift) : (vec){0};
  for (int line = 0; line < r->lines; line++)
    for (int tap = 0; tap < s->kernel_width; tap++) {
      int column = left + tap * s->dilation_width;
      if (column < 0 || column >= s->width) continue;
      sum += NAME(load)(r->image + line * r->line_step + (int64_t)column * LANES)
             * NAME(load)(r->filters + (line * s->kernel_width + tap) * LANES);
    }
  NAME(store)(output, NAME(finished)(r, sum));
}

// A row is cut into as few even groups as there can be.
TARGET static void NAME(row)(const ckdepth_shape *s, const depthwise_row *r, float *output) {
  int width = s->output_width, groups = (width + MOST - 1) / MOST, left = -s->pad_width;
  if (!has_narrow_edges(s)) groups = 0;
  for (int group = 0, x = 0; group < groups; group++) {
    int count = (group + 1) * width / groups - x;
    NAME(products)[s->stride_width - 1][count - 1](r, left + x * s->stride_width, output + (int64_t)x * LANES);
    x += count;
  }
  for (int x = 0; !groups && x < width; x++) NAME(output)(s, r, left + x * s->stride_width, output + (int64_t)x * LANES);
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
