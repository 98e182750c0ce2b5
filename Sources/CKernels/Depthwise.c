#include "CKernels.h"
#include "Panels.h"
#include "Vectors.h"

// The lines of a block that go into a row of its output.
typedef struct {
  const float *image, *filters; // the first of the lines that are there, and of the filters' rows over them
  int lines;
  int64_t line_step; // floats from one to the next
  int width;         // columns of the image
  const float *shift;
  int relu;
  float slope;
} depthwise_row;

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define MOST 14
#define OUTPUTS(F) LIST_14(F, 1) LIST_14(F, 2)
#define OUTPUT_TABLE(N) {{CELLS_14(N, 1)}, {CELLS_14(N, 2)}}
#include "DepthwiseBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define MOST 12
#define OUTPUTS(F) LIST_12(F, 1) LIST_12(F, 2)
#define OUTPUT_TABLE(N) {{CELLS_12(N, 1)}, {CELLS_12(N, 2)}}
#include "DepthwiseBody.h"
#define HAS_KERNELS 1
#endif

void ckdepth_rows(const ckdepth_shape *s, const float *image, const float *filters, const float *bias, int relu, float slope,
                  int first, int last, float *output) {
  int64_t line = (int64_t)s->width * s->lanes;
  depthwise_row row = {.line_step = s->dilation_height * line, .width = s->width, .shift = bias, .relu = relu, .slope = slope};
  for (int y = first; y < last; y++, output += (int64_t)s->output_width * s->lanes) {
    int top = y * s->stride_height - s->pad_height, above = 0, end = s->kernel_height;
    while (above < end && top + above * s->dilation_height < 0) above++;
    while (end > above && top + (end - 1) * s->dilation_height >= s->height) end--;
    row.image = image + (top + above * s->dilation_height) * line;
    row.filters = filters + above * 3 * s->lanes;
    row.lines = end - above;
#if HAS_KERNELS
    if (s->lanes == 16)
      row_avx512(s, &row, output);
    else
      row_avx2(s, &row, output);
#endif
  }
}
