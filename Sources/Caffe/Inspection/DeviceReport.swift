import CaffeCore
import CaffeOneDNN
import Foundation

/// What this machine offers to nets.
public struct DeviceReport: Sendable, Encodable {
  /// The processor's name; empty where the system does not tell.
  public let processor: String
  /// Threads that run at the same time: the cores that this process may run on.
  public let threads: Int
  /// The vector extensions among the processor's features that matter to kernels.
  public let extensions: [String]
  /// Bytes of main memory.
  public let memory: UInt64
  public let oneDNN: Library
  /// GPUs that an engine here could use: none, there is no engine for them.
  public let gpus: [String] = []

  /// The library of kernels.
  public struct Library: Sendable, Encodable {
    public let version: String
    /// The vector instructions that its kernels use.
    public let instructionSet: String
  }

  private static let knownExtensions = [
    "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16",
    "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimd", "asimdhp", "asimddp", "sve", "sve2", "bf16", "i8mm",
  ]

  /// Looks at the machine the program runs on.
  public init() {
    let fields = DeviceReport.processorFields()
    processor = fields["model name"] ?? fields["CPU part"].map { "ARM part \($0)" } ?? ""
    let features = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init))
    extensions = DeviceReport.knownExtensions.filter(features.contains)
    threads = NetOptions.coreCount
    memory = ProcessInfo.processInfo.physicalMemory
    oneDNN = Library(version: OneDNNBackend.version, instructionSet: OneDNNLibrary.instructionSet)
  }

  /// What Linux says of the first processor; empty on other systems.
  private static func processorFields() -> [String: String] {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return [:] }
    let first = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
    let pairs = first.compactMap { line -> (String, String)? in
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
    return Dictionary(pairs) { first, _ in first }
  }
}
