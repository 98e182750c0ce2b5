import COneDNN

/// What the library says of itself and of the machine.
public enum OneDNNLibrary {
  /// The vector instructions that its kernels use here, such as `avx2`; `ONEDNN_MAX_CPU_ISA` lowers it.
  public static var instructionSet: String { String(cString: cdnn_instruction_set()) }
  /// Whether the CPU has instructions for bf16, which make convolutions faster than in fp32.
  public static var hasBF16: Bool { cdnn_has_bf16() != 0 }
  /// Whether the CPU multiplies whole tiles of bf16 (AMX), and the library does so.
  public static var hasAMX: Bool { cdnn_has_amx() != 0 }
  /// Whether convolutions can be computed in bf16 here, be it slowly.
  public static var emulatesBF16: Bool { cdnn_emulates_bf16() != 0 }
}
