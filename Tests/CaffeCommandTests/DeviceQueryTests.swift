import Foundation
import Testing

@Suite("What the machine offers", .enabled(if: Program.isBuilt))
struct DeviceQueryTests {
  private struct Report: Decodable {
    struct Library: Decodable { let version: String, instructionSet: String }
    let threads: Int, memory: Int, extensions: [String], gpus: [String], oneDNN: Library
  }

  @Test("device_query knows cores, memory and kernels, and that there is no GPU engine")
  func report() throws {
    let folder = try Workplace()
    let outcome = try Program.run("device_query", "-gpu", "0", in: folder)
    #expect(outcome.code == 0 && outcome.words.isEmpty)
    #expect(outcome.results.hasSuffix("\nGPU:                none; this engine runs on the CPU\n"), "\(outcome.results)")
    let json = try Program.run(["device_query", "--json"], in: folder, environment: ["ONEDNN_MAX_CPU_ISA": "SSE41"])
    let report = try JSONDecoder().decode(Report.self, from: Data(json.results.utf8))
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // A container may have the time of fewer.
    let hasQuota = (try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8)).map { !$0.hasPrefix("max") } ?? false
    #expect(hasQuota ? (1...cores).contains(report.threads) : report.threads == cores)
    #expect(report.gpus.isEmpty)
    #expect(UInt64(report.memory) == ProcessInfo.processInfo.physicalMemory)
    #expect(report.oneDNN.version.split(separator: ".").count >= 2)
    #if arch(x86_64)
      #expect(report.oneDNN.instructionSet == "sse41")
    #endif
  }

  @Test("threads are as many as the cores that are left to the program")
  func cores() throws {
    #if os(Linux)
      // The last of the list that the process has, as the first core may be another's.
      let script = "taskset -c \"$(taskset -cp $$ | sed 's/.*[ ,-]//')\" \"$0\" device_query --json"
      let folder = try Workplace()
      let outcome = try Running("/bin/sh", ["-c", script, #require(Program.path)], in: folder).outcome()
      #expect(try JSONDecoder().decode(Report.self, from: Data(outcome.results.utf8)).threads == 1)
    #else
      print("skipping the cores left to a program: there is no taskset here")
    #endif
  }
}
