import ArgumentParser
import Caffe
import CaffeCore

struct DeviceQueryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device_query", abstract: "What this machine offers to nets.", discussion: "Example: caffe device_query --json")

  @Option(help: "Accepted and ignored: there is no GPU engine here.") var gpu: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let report = DeviceReport()
    if json { return try JSONOutput.print(report) }
    print("Processor:          \(report.processor.isEmpty ? "unknown" : report.processor)")
    print("Threads:            \(report.threads)")
    print("Vector extensions:  \(report.extensions.isEmpty ? "unknown" : report.extensions.joined(separator: " "))")
    print("Memory:             \(NumberText.megabytes(Int(clamping: report.memory)))")
    print("oneDNN:             \(report.oneDNN.version), using \(report.oneDNN.instructionSet)")
    print("GPU:                none; this engine runs on the CPU")
  }
}
