import Foundation

/// A real nginx that serves a folder on this machine.
public final class Nginx {
  /// Where Debian puts it; nil where it is not installed.
  public static let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"].first(
    where: FileManager.default.isExecutableFile)
  public static let reason: String = "nginx is not installed (scripts/bootstrap --tests installs it)"

  /// `http://127.0.0.1:PORT`.
  public let address: String
  private let process = Process()
  private let folder: String

  /// Begins to serve `root`; its own files lie in `folder`.
  ///
  /// - Throws: when it does not start.
  public init(serving root: String, folder: String) throws {
    let port = try Nginx.freePort()
    address = "http://127.0.0.1:\(port)"
    self.folder = folder
    let settings = """
      daemon off; master_process off; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
      events {}
      http {
        access_log \(folder)/access.log; client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b;
        fastcgi_temp_path \(folder)/c; uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
        server { listen 127.0.0.1:\(port); root \(root); }
      }
      """
    try settings.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
    process.executableURL = URL(filePath: Nginx.program ?? "nginx")
    process.arguments = ["-p", folder, "-e", folder + "/error.log", "-c", folder + "/nginx.conf"]
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    for _ in 0..<200 where !Nginx.answers(port) { Thread.sleep(forTimeInterval: 0.02) }
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Its access log so far.
  public var log: String { (try? String(contentsOfFile: folder + "/access.log", encoding: .utf8)) ?? "" }

  private static func freePort() throws -> UInt16 {
    let (socket, port) = try WebServer.listen()
    close(socket)
    return port
  }

  private static func answers(_ port: UInt16) -> Bool {
    #if canImport(Glibc)
      let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let socket = Foundation.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }
  }
}
