import COneDNN

/// What the library says of itself and of the machine.
public enum OneDNNLibrary {
  /// The vector instructions that its kernels use here, such as `avx2`; `ONEDNN_MAX_CPU_ISA` lowers it.
  public static var instructionSet: String { String(cString: cdnn_instruction_set()) }
  /// Whether convolutions can be computed in bf16 here, be it slowly.
  public static var emulatesBF16: Bool { cdnn_emulates_bf16() != 0 }
}
