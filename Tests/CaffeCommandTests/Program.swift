import Foundation
import Testing

/// The built `caffe` program.
enum Program {
  /// Where it lies: in the build folder, which is one of the folders above the tests.
  static let path: String? = {
    var folder = URL(filePath: CommandLine.arguments[0], directoryHint: .notDirectory).standardizedFileURL
    for _ in 0..<6 {
      folder.deleteLastPathComponent()
      let program = folder.appending(path: "caffe", directoryHint: .notDirectory).path
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: program, isDirectory: &isFolder)
      if isThere, !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: program) { return program }
    }
    return nil
  }()

  /// Whether it is there; says so when it is not, so that a short run is no surprise.
  static let isBuilt: Bool = {
    if path == nil { print("skipping the tests of the program caffe: build it first, with swift build --product caffe") }
    return path != nil
  }()

  /// What a run left.
  struct Outcome {
    let code: Int32
    /// On stdout.
    let results: String
    /// On stderr.
    let words: String

    /// The words line by line, log lines without their date, time, process and source.
    var lines: [String] {
      words.split(separator: "\n").map { line in
        line.firstMatch(of: GlogPrefix.pattern).map { String(line[$0.range.upperBound...]) } ?? String(line)
      }
    }
  }

  /// Runs to the end.
  static func run(_ arguments: String..., in folder: Workplace) throws -> Outcome { try run(arguments, in: folder) }

  static func run(_ arguments: [String], in folder: Workplace, environment: [String: String] = [:]) throws -> Outcome {
    try Running(#require(path), arguments, in: folder, environment: environment).outcome()
  }

  /// Runs with the system's refusal to write one file: the program's own temporary file beside `output` leads to a disk
  /// that is full.
  static func runOnFullDisk(_ arguments: [String], output: String, in folder: Workplace) throws -> Outcome {
    let script = "ln -s /dev/full \"$0.$$.partial\" && exec \"$@\""
    return try Running("/bin/sh", ["-c", script, output, #require(path)] + arguments, in: folder).outcome()
  }

  /// Starts and goes on.
  static func start(_ arguments: String..., in folder: Workplace) throws -> Running { try start(arguments, in: folder) }

  static func start(_ arguments: [String], in folder: Workplace) throws -> Running {
    try Running(#require(path), arguments, in: folder)
  }
}

/// How glog begins a line: `I0102 15:04:05.678901 4711 solver.swift:1] `.
enum GlogPrefix {
  nonisolated(unsafe) static let pattern = #/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w.]+:\d+\] /#
}

/// A program that was started. What it says goes to files, so that it never waits for a reader.
final class Running {
  private let process = Process()
  private let results: String
  private let words: String

  init(_ program: String, _ arguments: [String], in folder: Workplace, environment: [String: String] = [:]) throws {
    let name = UUID().uuidString
    (results, words) = (folder.file(".\(name).out"), folder.file(".\(name).err"))
    for path in [results, words] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: results)
    process.standardError = FileHandle(forWritingAtPath: words)
    try Running.unblockingSignals { try process.run() }
  }

  /// Tests run on threads that block signals, and a program inherits that.
  private static func unblockingSignals(_ body: () throws -> Void) throws {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

  /// Waits until it has said something; false when it ended before, or after five minutes.
  func waits(for text: String) -> Bool { waits { $0.contains(text) } }

  /// Waits until what it has said will do; false when it ended before, or after five minutes.
  func waits(until isEnough: (String) -> Bool) -> Bool {
    // Counted in naps: while the machine stands still no time passes.
    for _ in 0..<15_000 {
      if isEnough(Running.text(words)) { return true }
      guard process.isRunning else { return false }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return false
  }

  /// Waits for the end, which it brings about after ten minutes.
  func outcome() -> Program.Outcome {
    var naps = 120_000
    while process.isRunning, naps > 0 {
      Thread.sleep(forTimeInterval: 0.005)
      naps -= 1
    }
    send(SIGKILL)
    process.waitUntilExit()
    return Program.Outcome(code: process.terminationStatus, results: Running.text(results), words: Running.text(words))
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}
