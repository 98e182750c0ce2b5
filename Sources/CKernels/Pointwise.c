#include "CKernels.h"
#include "Fetch.h"
#include "Panels.h"
#include "Vectors.h"

// Input channels that are worked through together.
#define PART 512

// Blocks of input channels up to which sums are done before the lines for them have come, unless these are fetched ahead.
#define SHORT 4

static int output_blocks(const ckpoint_shape *s) { return (s->outputs + s->lanes - 1) / s->lanes; }

static int first_block(const ckpoint_shape *s, int panel) { return block_of_panel(panel, s->panels, output_blocks(s)); }

int64_t ckpoint_filter_count(const ckpoint_shape *s) {
  return (int64_t)s->input_blocks * s->lanes * output_blocks(s) * s->lanes;
}

void ckpoint_unpack(const ckpoint_shape *s, const float *packed, int first_panel, int last_panel, float *filters) {
  int64_t inputs = (int64_t)s->input_blocks * s->lanes;
  for (int panel = first_panel; panel < last_panel; panel++) {
    int64_t first = first_block(s, panel) * s->lanes, width = first_block(s, panel + 1) * s->lanes - first;
    for (int64_t output = 0; output < width && first + output < s->outputs; output++)
      for (int64_t input = 0; input < inputs; input++)
        filters[(first + output) * inputs + input] = packed[inputs * first + input * width + output];
  }
}

#if defined(__x86_64__)

static const ckpoint_coming no_images;

// The share of one of some groups of steps in what is coming: a part of one stretch.
static fetch share_of_coming(const ckpoint_coming *coming, int64_t group, int64_t groups, int64_t steps) {
  int64_t each = groups / coming->stretches, stretch = each ? group / each : 0;
  if (!each || stretch >= coming->stretches) return (fetch){coming->start, 0};
  return fetch_part(coming->start + stretch * coming->stride, coming->count, group % each, each, steps);
}

// 32 registers: pixels x vectors of sums, a line of filters and a value.
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define PANEL 4
#define MOST_ROWS 14
#define ROWS(q) ((q) == 4 ? 6 : (q) == 3 ? 9 : 14)
#define PRODUCTS(F) LIST_14(F, 1) LIST_14(F, 2) LIST_9(F, 3) LIST_6(F, 4)
#define PRODUCT_TABLE(N) {{CELLS_14(N, 1)}, {CELLS_14(N, 2)}, {CELLS_9(N, 3)}, {CELLS_6(N, 4)}}
#include "PointwiseBody.h"

// 16 registers.
#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define PANEL 2
#define MOST_ROWS 12
#define ROWS(q) ((q) == 2 ? 6 : 12)
#define PRODUCTS(F) LIST_12(F, 1) LIST_6(F, 2)
#define PRODUCT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_6(N, 2)}}
#include "PointwiseBody.h"
#define HAS_KERNELS 1
#endif

void ckpoint_pack(const ckpoint_shape *s, const float *filters, int first_panel, int last_panel, float *packed) {
#if HAS_KERNELS
  for (int panel = first_panel; panel < last_panel; panel++)
    if (s->lanes == 16)
      pack_avx512(s, filters, panel, packed);
    else
      pack_avx2(s, filters, panel, packed);
#endif
}

void ckpoint_run(const ckpoint_shape *s, const float *pixels, const float *packed, int panel, int64_t first, int64_t last,
                 const float *bias, const ckpoint_output *output, const ckpoint_coming *coming) {
#if HAS_KERNELS
  if (s->lanes == 16)
    run_avx512(s, pixels, packed, panel, first, last, bias, output, coming);
  else
    run_avx2(s, pixels, packed, panel, first, last, bias, output, coming);
#endif
}
