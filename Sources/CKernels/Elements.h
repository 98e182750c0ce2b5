// How a body reads what is stored as ELEMENT: float, or uint16_t for bf16, the upper half of a float. `load` gives LANES of them as
// floats, `value` one; both are known as READ(name), with READING (f32 or bf16) in their names.

#if ELEMENT_IS_BF16
typedef uint16_t READ(halves) __attribute__((vector_size(LANES * 2), aligned(2)));
typedef uint32_t READ(words) __attribute__((vector_size(LANES * 4), aligned(4)));

INLINE vec READ(load)(const uint16_t *p) {
  return (vec)(__builtin_convertvector(*(const READ(halves) *)p, READ(words)) << 16);
}

INLINE float READ(value)(const uint16_t *p) {
  union {
    uint32_t bits;
    float number;
  } widened = {(uint32_t)*p << 16};
  return widened.number;
}
#else
INLINE vec READ(load)(const float *p) { return *(const vec *)p; }
INLINE float READ(value)(const float *p) { return *p; }
#endif
