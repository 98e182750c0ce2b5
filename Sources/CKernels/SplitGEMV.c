#include "CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma")))

enum {
  NUMBERS = 32, // that an instruction multiplies: two for each sum
  LINES = 8,    // vectors of a row that are multiplied together, to sums of their own, so that none waits for the one before
  AHEAD = 4096  // bytes ahead of what is read that are fetched: all rows are one stream
};

// Numbers of which fewer than a vector may be left; 0 stands for the others.
TARGET static __m512bh numbers_at(const uint16_t *p, int64_t left) {
  return (__m512bh)_mm512_maskz_loadu_epi16(left < NUMBERS ? (__mmask32)((1u << left) - 1) : ~(__mmask32)0, p);
}

TARGET static void split(const float *x, int64_t count, uint16_t *high, uint16_t *low) {
  for (int64_t i = 0; i < count; i += 16) {
    __mmask16 there = count - i < 16 ? (__mmask16)((1u << (count - i)) - 1) : (__mmask16)~0;
    __m512 v = _mm512_maskz_loadu_ps(there, x + i);
    // Cut off, not rounded, lest the largest numbers become infinite; the rest has as many bits either way.
    __mmask16 isNaN = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    __m512i upper = _mm512_srli_epi32((__m512i)v, 16);
    upper = _mm512_mask_or_epi32(upper, isNaN, upper, _mm512_set1_epi32(0x40));
    __m512 cut = (__m512)_mm512_slli_epi32(upper, 16);
    // Nothing is left of an infinity: one less another would be no number.
    __mmask16 finite = _mm512_cmp_ps_mask(_mm512_sub_ps(v, v), _mm512_setzero_ps(), _CMP_EQ_OQ);
    _mm256_mask_storeu_epi16(high + i, there, _mm512_cvtepi32_epi16(upper));
    _mm256_mask_storeu_epi16(low + i, there, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_sub_ps(finite, v, cut)));
  }
}

TARGET static __m512 plus_products(__m512 sum, __m512bh weights, __m512bh high, __m512bh low) {
  return _mm512_dpbf16_ps(_mm512_dpbf16_ps(sum, weights, high), weights, low);
}

TARGET static float row(const uint16_t *weights, const uint16_t *high, const uint16_t *low, int64_t count) {
  __m512 sums[LINES];
  for (int j = 0; j < LINES; j++) sums[j] = _mm512_setzero_ps();
  int64_t i = 0;
  for (; i + LINES * NUMBERS <= count; i += LINES * NUMBERS)
    _Pragma("unroll") for (int j = 0; j < LINES; j++) {
      int64_t place = i + j * NUMBERS;
      __builtin_prefetch((const char *)(weights + place) + AHEAD);
      sums[j] = plus_products(sums[j], numbers_at(weights + place, NUMBERS), numbers_at(high + place, NUMBERS),
                              numbers_at(low + place, NUMBERS));
    }
  for (; i < count; i += NUMBERS)
    sums[0] = plus_products(sums[0], numbers_at(weights + i, count - i), numbers_at(high + i, count - i), numbers_at(low + i, count - i));
  for (int j = 1; j < LINES; j++) sums[0] = _mm512_add_ps(sums[0], sums[j]);
  return _mm512_reduce_add_ps(sums[0]);
}

TARGET static void gemv(const uint16_t *weights, const uint16_t *halves, int64_t inputs, int64_t outputs, float *y) {
  for (int64_t i = 0; i < outputs; i++) y[i] = row(weights + i * inputs, halves, halves + inputs, inputs);
}
#define HAS_KERNELS 1
#endif

void ckernels_split(const float *x, int64_t count, uint16_t *halves) {
#if HAS_KERNELS
  split(x, count, halves, halves + count);
#endif
}

void ckernels_gemv_split(const uint16_t *weights, const uint16_t *halves, int64_t inputs, int64_t outputs, float *y) {
#if HAS_KERNELS
  gemv(weights, halves, inputs, outputs, y);
#endif
}
