#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The elementary functions in single precision, in one place for both platforms.
func exponential(_ x: Float) -> Float { expf(x) }
func logarithm(_ x: Float) -> Float { logf(x) }
func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
