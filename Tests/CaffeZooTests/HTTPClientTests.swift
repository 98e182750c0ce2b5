import CaffeZoo
import Foundation
import LoopbackServers
import Testing

@Suite("The HTTP client")
struct HTTPClientTests {
  /// What a request fails with.
  private func failure(_ url: String, _ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPFailure? {
    var request = HTTPRequest(url: url)
    change(&request)
    do { _ = try HTTPClient().fetch(request, limit: 1 << 20) } catch { return error as? HTTPFailure }
    return nil
  }

  @Test(
    "asks only http and https",
    arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "http://", "", "x", "http://a b/"])
  func schemes(url: String) { #expect(failure(url)?.reason == .badAddress) }

  @Test("follows no redirect to a file, and none without end")
  func redirects() throws {
    let server = try WebServer { request in
      let target = request.path == "/file" ? "file:///etc/passwd" : "/again"
      return WebAnswer(302, headers: [("Location", target)])
    }
    #expect(failure(server.address + "/file")?.reason == .badAddress)
    #expect(failure(server.address + "/again")?.reason == .tooManyRedirects)
    #expect(server.requests.count == 1 + 9)
  }

  @Test("refuses private addresses when only public ones may be asked")
  func publicOnly() throws {
    let server = try WebServer { _ in WebAnswer(200, text: "secret") }
    let refused = failure(server.address) { $0.isPublicOnly = true }
    #expect(refused?.reason == .refused && server.requests.isEmpty)
    #expect(
      refused?.description.hasSuffix(": refused: it leads from a public server into a private network or to this machine") == true
    )
  }

  @Test("sends a secret to the host it is for and to no other")
  func secrets() throws {
    let other = try WebServer { _ in WebAnswer(200) }
    // 127.0.0.1 and localhost are two hosts to a client.
    let elsewhere = other.address.replacingOccurrences(of: "127.0.0.1", with: "localhost")
    let server = try WebServer { _ in WebAnswer(302, headers: [("Location", elsewhere)]) }
    var request = HTTPRequest(url: server.address)
    request.headers = [("Authorization", "Bearer secret")]
    _ = try HTTPClient().fetch(request, limit: 10)
    #expect(server.requests[0].headers["authorization"] == "Bearer secret")
    #expect(other.requests[0].headers["authorization"] == nil)
  }

  @Test("takes no more than the limit, whatever the server declares")
  func limits() throws {
    let server = try WebServer { request in
      var answer = WebAnswer(200, body: [UInt8](repeating: 65, count: 5_000))
      if request.path == "/huge" { answer.declaredLength = 1 << 60 }
      return answer
    }
    for path in ["/", "/huge"] {
      let error = try #require(throws: ZooError.self) {
        try HTTPClient().fetch(HTTPRequest(url: server.address + path), limit: 4_999)
      }
      #expect(error.message == "\(server.address)\(path): the answer is longer than 4999 bytes")
    }
    #expect(try HTTPClient().fetch(HTTPRequest(url: server.address), limit: 5_000).body.count == 5_000)
  }

  @Test("says what went wrong without showing a password")
  func words() throws {
    let failure = failure("http://user:secret@127.0.0.1:1/")
    #expect(failure?.reason == .noConnection)
    #expect(failure?.description.hasPrefix("http://…@127.0.0.1:1/: no connection (") == true)
  }
}
