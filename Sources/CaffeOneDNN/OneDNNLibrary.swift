import COneDNN

/// What the library says of itself and of the machine.
public enum OneDNNLibrary {
  /// The vector instructions that its kernels use here, such as `avx2`; `ONEDNN_MAX_CPU_ISA` lowers it.
  public static var instructionSet: String { String(cString: cdnn_instruction_set()) }
  /// Whether the CPU's instructions for bf16 make convolutions faster than in fp32. Those of AVX-512 do, but on CPUs that multiply whole
  /// tiles of bf16 besides (AMX): there they make half as many products a cycle as those for fp32, GoogLeNet took 22 ms instead of 10.5,
  /// and tiles are not what the library takes for images in blocks of channels.
  public static var gainsByBF16: Bool { cdnn_has_bf16() != 0 && cdnn_has_amx() == 0 }
  /// Whether convolutions can be computed in bf16 here, be it slowly.
  public static var emulatesBF16: Bool { cdnn_emulates_bf16() != 0 }
}
