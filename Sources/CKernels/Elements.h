// How a body reads and writes what is stored as ELEMENT: float, or uint16_t for bf16, the upper half of a float. `load` gives LANES of them
// as floats, `value` one, `store` rounds LANES floats; all are known as READ(name), with READING (f32 or bf16) in their names.
//
// PRODUCTS_AT_ONCE are multiplied in each lane of a vector: of bf16 two, that lie side by side. HAS_BF16_PRODUCTS says whether the CPU does.

#undef PRODUCTS_AT_ONCE
#if ELEMENT_IS_BF16
#define PRODUCTS_AT_ONCE 2
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

INLINE void READ(store)(uint16_t *p, vec v) {
#if HAS_BF16_PRODUCTS
  *(READ(halves) *)p = (READ(halves))_mm512_cvtneps_pbh((__m512)v);
#else
  READ(words) bits = (READ(words))v;
  // Half of what is cut off carries over, less a little where the last bit that stays is even.
  READ(words) nearest = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  READ(words) quiet = (bits >> 16) | 0x40u, nan = (READ(words))((bits & 0x7fffffffu) > 0x7f800000u);
  *(READ(halves) *)p = __builtin_convertvector((nan & quiet) | (~nan & nearest), READ(halves));
#endif
}

// The same with a place between each and the next.
INLINE void READ(store_apart)(uint16_t *p, vec v) {
  uint16_t rounded[LANES];
  READ(store)(rounded, v);
  for (int lane = 0; lane < LANES; lane++) p[lane * PRODUCTS_AT_ONCE] = rounded[lane];
}

// A pair times the pair in each lane.
INLINE vec READ(plus_product)(vec sum, float pair, vec line) {
#if HAS_BF16_PRODUCTS
  return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(pair), (__m512bh)line);
#else
  union {
    float number;
    uint32_t bits;
  } both = {pair}, first, second;
  first.bits = both.bits << 16;
  second.bits = both.bits & 0xffff0000u;
  READ(words) other = (READ(words))line;
  return sum + first.number * (vec)(other << 16) + second.number * (vec)(other & 0xffff0000u);
#endif
}
#else
#define PRODUCTS_AT_ONCE 1
INLINE vec READ(load)(const float *p) { return *(const vec *)p; }
INLINE float READ(value)(const float *p) { return *p; }
INLINE void READ(store)(float *p, vec v) { *(vec *)p = v; }
INLINE void READ(store_apart)(float *p, vec v) { *(vec *)p = v; }
INLINE vec READ(plus_product)(vec sum, float value, vec line) { return sum + value * line; }
#endif
