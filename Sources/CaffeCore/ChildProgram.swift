import Foundation

/// Another program (git, Graphviz's dot), run to its end without a shell.
///
/// What it reads and writes are unlinked temporary files rather than pipes: neither side ever waits for the other, and what
/// it writes is bounded by looking at the files' sizes.
public struct ChildProgram: Sendable {
  /// Why it could not be run to its end.
  public enum Failure: Error, Sendable, Equatable {
    /// No directory of PATH has it.
    case notInstalled(String)
    /// The system did not start it, and why.
    case notStarted(String)
    /// It was ended after that many seconds.
    case tooSlow(seconds: Int)
    /// It was ended after writing more than that many bytes.
    case tooMuchOutput(bytes: Int)
  }

  /// What a program that ran to its end left.
  public struct Outcome: Sendable {
    /// The exit code; a signal's number when one ended it.
    public let status: Int32
    /// What it wrote to stdout.
    public let output: [UInt8]
    /// What it wrote to stderr.
    public let errors: [UInt8]
  }

  /// The program's absolute path.
  public let path: String
  /// The environment it gets.
  public var environment: [String: String]
  /// The longest it may run.
  public var seconds = 60
  /// The most it may write to stdout, and likewise to stderr.
  public var outputLimit = 16 << 20

  /// - Parameters:
  ///   - name: the program's name, searched in the environment's PATH.
  ///   - environment: what the program gets.
  /// - Throws: `Failure.notInstalled`.
  public init(_ name: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws(Failure) {
    let places = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
    guard let path = places.map({ "\($0)/\(name)" }).first(where: { access($0, X_OK) == 0 && ChildProgram.isFile($0) }) else {
      throw .notInstalled(name)
    }
    self.path = path
    self.environment = environment
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Runs it.
  ///
  /// - Parameters:
  ///   - arguments: as they reach the program; nothing interprets them on the way.
  ///   - input: what it reads on stdin.
  ///   - directory: where it runs; nil is where this program runs.
  /// - Throws: `Failure`, for a program that did not end by itself.
  public func run(_ arguments: [String], input: [UInt8] = [], in directory: String? = nil) throws(Failure) -> Outcome {
    let files = try ChildProgram.scratchFiles(3)
    defer { for file in files { fclose(file) } }
    _ = input.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, files[0]) }
    rewind(files[0])
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = environment
    if let directory { process.currentDirectoryURL = URL(filePath: directory, directoryHint: .isDirectory) }
    let handles = files.map { FileHandle(fileDescriptor: fileno($0), closeOnDealloc: false) }
    (process.standardInput, process.standardOutput, process.standardError) = (handles[0], handles[1], handles[2])
    do { try process.run() } catch { throw .notStarted("\(error.localizedDescription)") }
    try wait(for: process, writing: Array(files[1...]))
    return Outcome(
      status: process.terminationStatus, output: ChildProgram.content(of: files[1]), errors: ChildProgram.content(of: files[2]))
  }

  private func wait(for process: Process, writing files: [UnsafeMutablePointer<FILE>]) throws(Failure) {
    let end = ContinuousClock.now + .seconds(seconds)
    var pause = 0.001
    while process.isRunning {
      if ContinuousClock.now > end {
        ChildProgram.end(process)
        throw .tooSlow(seconds: seconds)
      }
      if files.contains(where: { ChildProgram.size(of: $0) > outputLimit }) {
        ChildProgram.end(process)
        throw .tooMuchOutput(bytes: outputLimit)
      }
      Thread.sleep(forTimeInterval: pause)
      pause = min(pause * 1.5, 0.02)
    }
    if files.contains(where: { ChildProgram.size(of: $0) > outputLimit }) { throw .tooMuchOutput(bytes: outputLimit) }
  }

  /// Ends it, and its own children where they are in a group of theirs.
  private static func end(_ process: Process) {
    let id = process.processIdentifier
    kill(getpgid(id) == id ? -id : id, SIGKILL)
    process.waitUntilExit()
  }

  private static func scratchFiles(_ count: Int) throws(Failure) -> [UnsafeMutablePointer<FILE>] {
    var files: [UnsafeMutablePointer<FILE>] = []
    for _ in 0..<count {
      guard let file = tmpfile() else {
        let reason = String(cString: strerror(errno))
        for file in files { fclose(file) }
        throw .notStarted("no temporary file can be made: \(reason)")
      }
      files.append(file)
    }
    return files
  }

  private static func size(of file: UnsafeMutablePointer<FILE>) -> Int {
    var status = stat()
    return fstat(fileno(file), &status) == 0 ? Int(status.st_size) : 0
  }

  private static func content(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    rewind(file)
    return [UInt8](unsafeUninitializedCapacity: size(of: file)) { buffer, count in
      count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
  }
}
