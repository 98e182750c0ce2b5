#include "CKernels.h"

int ckernels_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    return CKERNELS_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CKERNELS_AVX2;
#endif
  return CKERNELS_GENERIC;
}

int ckernels_has_blocks(int lanes) {
  int set = ckernels_instruction_set();
  return (lanes == 16 && set == CKERNELS_AVX512) || (lanes == 8 && set >= CKERNELS_AVX2);
}

int ckernels_multiplies_bf16(void) {
#if defined(__x86_64__)
  return ckernels_instruction_set() == CKERNELS_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

int ckernels_panel_blocks(int lanes) { return lanes == 16 ? 4 : 2; }
