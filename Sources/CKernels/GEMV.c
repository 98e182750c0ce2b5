#include "CKernels.h"
#include "Vectors.h"

// Bytes ahead of what is read that are fetched, and of a line of the cache.
#define AHEAD 1024
#define LINE 64

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,fma")))
#define SUFFIX avx512
#define LANES 16
#define STEP 4
#include "GEMVBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define STEP 2
#include "GEMVBody.h"
#endif

#define TARGET
#define SUFFIX generic
#define LANES 4
#define STEP 2
#include "GEMVBody.h"

void ckernels_gemv(int instruction_set, const float *weights, const float *x, int64_t inputs, int64_t outputs, float *y) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return gemv_avx512_f32(weights, x, inputs, outputs, y);
  if (instruction_set == CKERNELS_AVX2) return gemv_avx2_f32(weights, x, inputs, outputs, y);
#endif
  gemv_generic_f32(weights, x, inputs, outputs, y);
}

void ckernels_gemv_bf16(int instruction_set, const uint16_t *weights, const float *x, int64_t inputs, int64_t outputs, float *y) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return gemv_avx512_bf16(weights, x, inputs, outputs, y);
  if (instruction_set == CKERNELS_AVX2) return gemv_avx2_bf16(weights, x, inputs, outputs, y);
#endif
  gemv_generic_bf16(weights, x, inputs, outputs, y);
}
