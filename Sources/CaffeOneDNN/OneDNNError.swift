import COneDNN

/// What oneDNN reports instead of doing its work.
public struct OneDNNError: Error, Sendable, CustomStringConvertible {
  public let operation: String
  /// oneDNN's `dnnl_status_t`.
  public let status: Int32

  public var description: String {
    if status == Int32(CDNN_NO_LIBRARY) {
      return
        "oneDNN cannot be used: \(String(cString: cdnn_reason())); install it (Debian's libdnnl-dev), or choose the reference engine"
    }
    return "oneDNN cannot \(operation): \(OneDNNError.names[status] ?? "status \(status)")"
  }

  private static let names: [Int32: String] = [
    1: "out of memory", 2: "invalid arguments", 3: "not implemented", 5: "runtime error", 6: "not required",
  ]

  /// Turns a status into an error; the one place where that happens.
  static func check(_ status: Int32, _ operation: @autoclosure () -> String) throws(OneDNNError) {
    guard status == 0 else { throw OneDNNError(operation: operation(), status: status) }
  }
}
