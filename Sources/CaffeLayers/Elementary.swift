#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The elementary functions in single precision, in one place for both platforms, an element at a time. `Lanes` is for many.
func exponential(_ x: Float) -> Float { expf(x) }
func logarithm(_ x: Float) -> Float { logf(x) }
func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }

/// 1 / (1 + e^−x), computed as ½ tanh(x/2) + ½, which cannot overflow.
func logistic(_ x: Float) -> Float { 0.5 * hyperbolicTangent(0.5 * x) + 0.5 }
/// 1, 0 or −1; 0 for NaN, as in Caffe.
func sign(_ x: Float) -> Float { (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0) }
