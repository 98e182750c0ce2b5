import CKernels
import COneDNN

/// What convolutions are computed by where bf16 is asked for.
public enum BFloat16Kernels: Sendable {
  /// None that take it: convolutions stay in fp32.
  case none
  /// Vectors of bf16: the library's kernels and Winograd's. CPUs with AVX-512 alone emulate their products.
  case vectors
  /// Whole tiles of bf16; what they cannot compute stays in fp32, but for depthwise convolutions. Emulated where the CPU has none, and needs
  /// AVX-512.
  case tiles

  /// Those that make convolutions faster than in fp32 on this CPU. Vectors do, but not on CPUs that multiply tiles (AMX): there they make
  /// half as many products of bf16 a cycle as of floats, and GoogLeNet took 22 ms instead of 10.5.
  public static let best: BFloat16Kernels =
    if cdnn_has_bf16() == 0 { .none } else if cdnn_has_amx() == 0 { .vectors } else {
      ckernels_multiplies_tiles() != 0 ? .tiles : .none
    }
}
