#include "CKernels.h"
#include "Vectors.h"

// Floats ahead of what is read that are fetched: 512 bytes.
#define AHEAD 128

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,fma")))
#define SUFFIX avx512
#define LANES 16
#include "GEMVBody.h"
#undef TARGET
#undef SUFFIX
#undef LANES

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#include "GEMVBody.h"
#undef TARGET
#undef SUFFIX
#undef LANES
#endif

#define TARGET
#define SUFFIX generic
#define LANES 4
#include "GEMVBody.h"

void ckernels_gemv(int instruction_set, const float *weights, const float *x, int64_t rows, int64_t inputs, int64_t outputs,
                   float *y, int64_t y_stride) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return gemv_avx512(weights, x, rows, inputs, outputs, y, y_stride);
  if (instruction_set == CKERNELS_AVX2) return gemv_avx2(weights, x, rows, inputs, outputs, y, y_stride);
#endif
  gemv_generic(weights, x, rows, inputs, outputs, y, y_stride);
}
