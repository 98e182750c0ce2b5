#include "CKernels.h"
#include "Vectors.h"

#include <string.h>

static uint16_t rounded_value(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f")))
#define SUFFIX avx512
#define LANES 16
#include "BFloat16Body.h"

#define TARGET __attribute__((target("avx2")))
#define SUFFIX avx2
#define LANES 8
#include "BFloat16Body.h"
#endif

#define TARGET
#define SUFFIX generic
#define LANES 4
#include "BFloat16Body.h"

void ckernels_bf16_round(int instruction_set, const float *values, int64_t count, uint16_t *rounded) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return round_avx512(values, count, rounded);
  if (instruction_set == CKERNELS_AVX2) return round_avx2(values, count, rounded);
#endif
  round_generic(values, count, rounded);
}

void ckernels_bf16_widen(int instruction_set, const uint16_t *values, int64_t count, float *widened) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return widen_avx512(values, count, widened);
  if (instruction_set == CKERNELS_AVX2) return widen_avx2(values, count, widened);
#endif
  widen_generic(values, count, widened);
}
