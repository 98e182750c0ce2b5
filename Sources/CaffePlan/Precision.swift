/// What numbers inner products and convolutions compute with. Sums are fp32 in any case.
public enum Precision: String, Sendable, CaseIterable {
  /// As Caffe does.
  case fp32
  /// Weights of half the bytes: the upper halves of floats, rounded to nearest even. For inference only.
  case bf16
}
